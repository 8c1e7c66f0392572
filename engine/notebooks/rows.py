"""What the keeper reads and writes of an instance's row. Everything here uses the database."""

import contextlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common.notebook_tags import IDLE_TAG, KEEP_TAG
from engine.models import AccessKey, NotebookInstance, Tag
from engine.notebooks.access import may_use
from engine.notebooks.topics import notify

Status = NotebookInstance.Status


@dataclass(frozen=True)
class State:
    """What may change while an instance runs: whether its owner may use it, and when it stops by itself."""

    allowed: bool
    idle_minutes: int
    keep_until: float


def find(pk: int) -> NotebookInstance | None:
    """The row, None if it is gone."""
    return NotebookInstance.objects.select_related("owner__person", "key").filter(pk=pk).first()


def state(pk: int) -> State:
    """The state of the instance; one that is gone is not allowed."""
    row = find(pk)
    if row is None:
        return State(False, 0, 0.0)
    tags = dict(Tag.objects.filter(arn=row.arn, key__in=(IDLE_TAG, KEEP_TAG)).values_list("key", "value"))
    return State(may_use(row.owner), int(_number(tags.get(IDLE_TAG, ""))), _number(tags.get(KEEP_TAG, "")))


def issue_key(pk: int) -> tuple[str, str]:
    """A new access key of the owner for the instance: its id and its secret. The one that it had is gone."""
    row = NotebookInstance.objects.select_related("owner").get(pk=pk)
    revoke_key(pk)
    with transaction.atomic():
        key, secret = AccessKey.issue(row.owner, row.role, f"Notebook {row.name}")
        NotebookInstance.objects.filter(pk=pk).update(key=key)
    return key.access_key_id, secret


def revoke_key(pk: int) -> None:
    """Delete the instance's access key. Repeatable."""
    row = NotebookInstance.objects.select_related("key").filter(pk=pk).first()
    if row is not None and row.key is not None:
        row.key.delete()


def remember_created_script(pk: int) -> None:
    """OnCreate has run: it is not run again."""
    NotebookInstance.objects.filter(pk=pk).update(created_script_ran=True)


def enter_service(pk: int) -> None:
    """The instance answers. One that is stopping meanwhile stays so."""
    _move(pk, Status.PENDING, Status.IN_SERVICE, failure_reason="")


def begin_stop(pk: int) -> None:
    """The instance stops by itself."""
    _move(pk, Status.IN_SERVICE, Status.STOPPING)


def finish(pk: int, status: str, reason: str) -> None:
    """Nothing of the instance runs any more: Stopped or Failed. A stop that was asked for ends as Stopped.

    Its key is gone then, even if the database was away when the instance ended.
    """
    revoke_key(pk)
    row = find(pk)
    if row is not None and row.status in NotebookInstance.RUNNING:
        to = Status.STOPPED if row.status == Status.STOPPING else status
        row.move_to(
            to, failure_reason=reason if to == Status.FAILED else "", activity={}, at_once=False, modified=now()
        )
        notify()


def save_activity(pk: int, activity: dict[str, Any]) -> None:
    """Keep what was measured."""
    NotebookInstance.objects.filter(pk=pk, status=Status.IN_SERVICE).update(activity=activity)


def finish_update(pk: int) -> None:
    """An update changes the row alone, so it is done."""
    _move(pk, Status.UPDATING, Status.STOPPED)


def remove(pk: int) -> None:
    """Delete the row of an instance that is being deleted."""
    row = NotebookInstance.objects.filter(pk=pk, status=Status.DELETING).first()
    if row is not None:
        row.delete()
        notify()


def unsettled() -> list[NotebookInstance]:
    """The rows that the keeper has something to do with."""
    settled = (Status.STOPPED, Status.FAILED)
    return list(NotebookInstance.objects.exclude(status__in=settled).order_by("status_since"))


def repair() -> None:
    """At the keeper's start nothing runs: what ran begins again, what was stopping has stopped, keys are gone."""
    for row in NotebookInstance.objects.exclude(key=None):
        revoke_key(row.pk)
    for row in NotebookInstance.objects.filter(status=Status.STOPPING):
        row.move_to(Status.STOPPED, activity={}, at_once=False, modified=now())
    for row in NotebookInstance.objects.filter(status=Status.IN_SERVICE):
        row.move_to(Status.PENDING, activity={}, modified=now())


def _move(pk: int, was: str, status: str, **fields: Any) -> None:
    row = find(pk)
    if row is not None and row.status == was:
        row.move_to(status, modified=now(), **fields)
        notify()


def _number(text: str) -> float:
    with contextlib.suppress(ValueError):
        return max(0.0, min(float(text), 1e11))
    return 0.0
