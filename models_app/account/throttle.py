"""Counts tries of a password and pauses an account for the place from which it is being guessed.

The count is in the database: a try is counted before the password is looked at, so tries at the same time do not get
past it, and signing in needs no other service. A place is a browser that the person has signed in from before, or
else an address; so nobody can lock a person out of a browser of theirs.
"""

import hashlib
import math
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from models_app.models import PasswordTries

TRIES = 5
PAUSE_MINUTES = 15
_PAUSE = timedelta(minutes=PAUSE_MINUTES)


class Paused(Exception):
    """The next try has to wait for `minutes`."""

    def __init__(self, minutes: int):
        super().__init__(f"paused for {minutes} minutes")
        self.minutes = minutes


def take_try(form: str, account: str, source: str) -> int:
    """Count a try of the password of `account` in `form` from `source`; how many are left after it. Raises Paused."""
    at = now()
    PasswordTries.objects.filter(since__lt=at - 2 * _PAUSE).delete()
    with transaction.atomic():
        row, _created = PasswordTries.objects.get_or_create(
            place_sha256=_hash(form, account, source), defaults={"since": at}
        )
        row = PasswordTries.objects.select_for_update().get(pk=row.pk)
        if row.paused_until and row.paused_until > at:
            raise Paused(math.ceil((row.paused_until - at).total_seconds() / 60))
        if row.paused_until or row.since < at - _PAUSE:
            row.count, row.since, row.paused_until = 0, at, None
        row.count += 1
        if row.count >= TRIES:
            row.paused_until = at + _PAUSE  # unless this very try is the right one, which forgets the count
        row.save()
        return TRIES - row.count


def forget(form: str, account: str, source: str) -> None:
    """The right password came: start counting anew."""
    PasswordTries.objects.filter(place_sha256=_hash(form, account, source)).delete()


def _hash(form: str, account: str, source: str) -> str:
    return hashlib.sha256("|".join((form, account.casefold(), source)).encode()).hexdigest()
