"""What the account said a moment ago: a form asks at every change, and an account is slow to ask."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language

from preflight.world import CannotTell, World

KEPT = 60  # seconds
MONEY = ("budget", "cost")  # counted here, for nothing


class Remembered:
    """A `preflight.World` that asks another one, each question once a minute; not being able to tell is an answer."""

    def __init__(self, world: World):
        self._world = world

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._world, name)
        if name in MONEY:
            return ask

        def answer(*given: Any) -> Any:
            key = f"account:{hashlib.sha256(repr((name, given, get_language())).encode()).hexdigest()}"
            kept = cache.get(key)
            if kept is None:
                try:
                    kept = (True, ask(*given))
                except CannotTell as e:
                    kept = (False, str(e))
                cache.set(key, kept, KEPT)
            told, said = kept
            if not told:
                raise CannotTell(said)
            return said

        return answer
