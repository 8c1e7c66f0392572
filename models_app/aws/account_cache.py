"""Caches the answers of an account, since a form queries it at every change."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language

from preflight import Account, AccountQueryError

LIFETIME = 60  # seconds
LOCAL = ("budget", "cost")  # computed by the console, so not worth a cache


class CachedAccount:
    """A `preflight.Account` that sends each query to `account` once a minute, in each language.

    It caches an AccountQueryError too, and raises it again.
    """

    def __init__(self, account: Account):
        self._account = account

    def __getattr__(self, name: str) -> Any:
        query = getattr(self._account, name)
        if name in LOCAL:
            return query

        def cached_query(*args: Any) -> Any:
            key = f"account:{hashlib.sha256(repr((name, args, get_language())).encode()).hexdigest()}"
            entry = cache.get(key)
            if entry is None:
                try:
                    entry = (True, query(*args))
                except AccountQueryError as e:
                    entry = (False, str(e))
                cache.set(key, entry, LIFETIME)
            succeeded, answer = entry
            if not succeeded:
                raise AccountQueryError(answer)
            return answer

        return cached_query
