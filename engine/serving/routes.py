"""Routes of endpoints: variants and weights, read from the endpoint's row and cached for five seconds."""

import asyncio
import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from common.db import away
from engine.http.caller import in_database
from engine.models import Endpoint
from engine.serving.capture import CaptureSettings

CACHE_SECONDS = 5.0  # seconds; a nudge drops a route sooner
MAX_ROUTES = 10_000
SERVING_STATUSES = (Endpoint.Status.IN_SERVICE, Endpoint.Status.UPDATING, Endpoint.Status.ROLLING_BACK)


class Variant(NamedTuple):
    """One production variant: which model it runs. A tuple, for every request looks its model up by it."""

    endpoint: int
    config: str
    name: str
    url: str
    image: str
    environment: tuple[tuple[str, str], ...]
    region: str = ""
    endpoint_name: str = ""


@dataclass(frozen=True)
class Route:
    """An endpoint as the data plane sees it."""

    region: str
    name: str
    status: str
    variants: dict[str, Variant]
    weights: tuple[float, ...]
    read_at: float
    capture: CaptureSettings | None = None

    @property
    def is_serving(self) -> bool:
        """True if the endpoint's status lets it answer, and it has a variant."""
        return self.status in SERVING_STATUSES and bool(self.variants)

    def choose(self) -> Variant:
        """A variant, each as often as its weight says."""
        variants = list(self.variants.values())
        if len(variants) == 1 or not any(self.weights):
            return variants[0]
        return random.choices(variants, self.weights)[0]  # noqa: S311  # a share of traffic, not a secret


_routes: dict[tuple[str, str], Route | None] = {}
_reading: dict[tuple[str, str], asyncio.Future] = {}


def find_cached(region: str, name: str) -> Route | None:
    """The route of an endpoint if it was read within the last CACHE_SECONDS and was not invalidated since."""
    route = _routes.get((region, name))
    return route if route and time.monotonic() - route.read_at < CACHE_SECONDS else None


async def find(region: str, name: str) -> Route | None:
    """The route of an endpoint, or None if there is no such endpoint. One lookup serves all who wait for it.

    While the database is away, what it said last counts.
    """
    if route := find_cached(region, name):
        return route
    key = (region, name)
    reading = _reading.get(key)
    if reading is None:
        reading = _reading[key] = asyncio.ensure_future(_load(key))
    return await asyncio.shield(reading)


def invalidate(region: str, name: str) -> None:
    """Forget a route: its endpoint changed. A lookup under way is not waited for by anybody new."""
    _routes.pop((region, name), None)
    _reading.pop((region, name), None)


def configurations(endpoints: Collection[int]) -> dict[int, str]:
    """The configuration of each of these endpoints that is still there, from the database."""
    rows = Endpoint.objects.filter(pk__in=endpoints).exclude(status=Endpoint.Status.DELETING)
    return dict(rows.values_list("pk", "config_name"))


async def _load(key: tuple[str, str]) -> Route | None:
    task = asyncio.current_task()
    try:
        known = _routes.get(key)
        age = time.monotonic() - known.read_at if known else 0.0
        route = await in_database(away.ask, lambda: _read_row(*key), known, age)
        if _reading.get(key) is task:
            _routes.pop(key, None)
            if route:
                if len(_routes) >= MAX_ROUTES:
                    _routes.clear()
                _routes[key] = route
        return route
    finally:
        if _reading.get(key) is task:
            del _reading[key]


def _read_row(region: str, name: str) -> Route | None:
    read_at = time.monotonic()
    row = Endpoint.objects.filter(region=region, name=name).first()
    if row is None:
        return None
    variants = {
        v["VariantName"]: Variant(
            row.pk,
            row.config_name,
            v["VariantName"],
            v["ModelDataUrl"],
            v["Image"],
            tuple(sorted((v.get("Environment") or {}).items())),
            region,
            name,
        )
        for v in row.variants
    }
    weights = tuple(float(v["CurrentWeight"]) for v in row.variants)
    capture = CaptureSettings.of_config(row.capture)
    return Route(region, name, row.status, variants, weights, read_at, capture)
