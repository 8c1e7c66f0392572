"""Who may reach a notebook instance: its owner alone, as long as they may create things. Looked up anew every 5 s."""

import time
from dataclasses import dataclass

from common.db.person import role_of
from common.permissions import Action, may
from engine.models import NotebookInstance

CACHE_SECONDS = 5.0  # for which a person who was disabled can still reach it


@dataclass(frozen=True)
class Answer:
    name: tuple[str, str] | None
    read: float


_cache: dict[tuple[int, int], Answer] = {}


def cached(instance: int, user: int) -> Answer | None:
    """The answer of `look_up` if it is young enough."""
    answer = _cache.get((instance, user))
    return answer if answer and time.monotonic() - answer.read < CACHE_SECONDS else None


def look_up(instance: int, user: int) -> Answer:
    """Whether `user` may reach `instance`: its (Region, name) if so, None if not. Reads the database."""
    read = time.monotonic()
    row = (
        NotebookInstance.objects.select_related("owner__person")
        .filter(pk=instance, owner=user, status=NotebookInstance.Status.IN_SERVICE)
        .first()
    )
    allowed = row is not None and row.owner is not None and row.owner.is_active
    if allowed and not may(role_of(row.owner), Action.CREATE):  # type: ignore[union-attr]
        allowed = False
    answer = Answer((row.region, row.name) if row and allowed else None, read)
    if len(_cache) > 1000:
        _cache.clear()
    _cache[instance, user] = answer
    return answer
