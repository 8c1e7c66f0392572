"""Moves a row from one status to the next, with the database as referee between two workers."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import Q
from django.utils.timezone import now


class IllegalMove(Exception):
    """A status was asked for that the row's own table of arrows does not allow: a bug, not bad luck."""


class StatusRow(models.Model):
    """A row with a status. Subclasses declare MOVES: {from: (to, ...)}; nobody else assigns `.status`."""

    MOVES: dict[str, tuple[str, ...]] = {}
    status: Any  # each subclass has its own field with its own choices

    status_since = models.DateTimeField(default=now)

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        """True if no move leads out of the row's status."""
        return not self.MOVES.get(self.status)

    def move_to(self, status: str, **also) -> bool:
        """Move to `status` and set the fields in `also`; False if another process moved or deleted the row first."""
        if status not in self.MOVES.get(self.status, ()):
            raise IllegalMove(f"{self} cannot go from {self.status} to {status}")
        was, also["status"], also["status_since"] = self.status, status, now()
        with transaction.atomic():
            mine = Q(pk=self.pk, status=was)
            if not type(self)._default_manager.filter(mine).update(**also):
                with suppress(ObjectDoesNotExist):
                    self.refresh_from_db()
                return False
            for name, value in also.items():
                setattr(self, name, value)
            self.moved(was, status, also["status_since"])
        return True

    def moved(self, was: str, became: str, at) -> None:
        """Called inside the transaction of each move, on the moved row; a subclass that keeps a history records it."""
