"""Who may reach a notebook instance: its owner alone, as long as they may create things. Looked up anew every 5 s."""

import time
from dataclasses import dataclass

from common.db.person import role_of
from common.permissions import Action, may
from engine.models import NotebookInstance

CACHE_SECONDS = 5.0  # for which a person who was disabled can still reach it


@dataclass(frozen=True)
class Answer:
    """(Region, name) of an instance that its person may reach, or None; whether it is in service.

    `read` is the monotonic time of the look-up.
    """

    name: tuple[str, str] | None
    read: float
    runs: bool = True


_cache: dict[tuple[int, int], Answer] = {}


def cached(instance: int, user: int) -> Answer | None:
    """The answer of `look_up` if it is young enough."""
    answer = _cache.get((instance, user))
    return answer if answer and time.monotonic() - answer.read < CACHE_SECONDS else None


def may_use(owner) -> bool:
    """Whether the owner of an instance may use it: not disabled, and with a role that creates things."""
    return owner is not None and owner.is_active and may(role_of(owner), Action.CREATE)


def look_up(instance: int, user: int) -> Answer:
    """Whether `user` may reach `instance`: its (Region, name) if so, None if not. Reads the database."""
    read = time.monotonic()
    row = NotebookInstance.objects.select_related("owner__person").filter(pk=instance, owner=user).first()
    if row and may_use(row.owner):
        answer = Answer((row.region, row.name), read, row.status == NotebookInstance.Status.IN_SERVICE)
    else:
        answer = Answer(None, read)
    if len(_cache) > 1000:
        _cache.clear()
    _cache[instance, user] = answer
    return answer
