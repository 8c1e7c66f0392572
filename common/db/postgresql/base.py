"""The backend as Django loads it: by the module `base` of the package that the setting ENGINE names."""

import os
import time
from functools import lru_cache
from typing import Any

from django.db.backends.postgresql import base

from common.db.circuit_breaker import CircuitBreaker


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with one circuit breaker for all connections of this process to the same host."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. Raises OperationalError at once while the host is silent."""
        breaker = self._breaker()
        if not breaker.admits():
            host = self.settings_dict["HOST"]
            raise self.Database.OperationalError(f"{host} did not answer a moment ago, and is asked by a probe alone.")
        began = time.monotonic()
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            breaker.attempt_failed(time.monotonic() - began, self._connect_once)
            raise

    def is_usable(self) -> bool:
        """Return whether the connection works; False at once while the host is silent."""
        breaker = self._breaker()
        if not breaker.admits():
            return False
        began = time.monotonic()
        usable = super().is_usable()
        if not usable:
            breaker.attempt_failed(time.monotonic() - began, self._connect_once)
        return usable

    def _breaker(self) -> CircuitBreaker:
        host = self.settings_dict
        return _breaker_of(os.getpid(), f"{host['HOST']}:{host['PORT']}/{host['NAME']}")

    def _connect_once(self) -> None:
        other = type(self)(self.settings_dict, self.alias)
        base.DatabaseWrapper.get_new_connection(other, other.get_connection_params()).close()


@lru_cache(maxsize=8)
def _breaker_of(process: int, host: str) -> CircuitBreaker:
    """The breaker of a host, for one process: the probe of another one does not go on after a fork."""
    return CircuitBreaker()
