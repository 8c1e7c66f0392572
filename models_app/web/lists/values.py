"""Parses the values of filters: numbers, durations, moments."""

import math
import re
from datetime import UTC, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware, now
from django.utils.translation import gettext as _

UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(s|min|m|h|d|w)", re.ASCII)


class InvalidValue(ValueError):
    """A value that a property does not take; the message says what it takes."""


def number(text: str) -> float:
    """Raises InvalidValue."""
    try:
        value = float(text.replace(",", "").lstrip("$"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidValue(_("a number, such as 0.85"))
    return value


def seconds(text: str) -> float:
    """ "90", "2m", "1h30m". Raises InvalidValue."""
    plain = text.replace(" ", "")
    parts = _AMOUNT.findall(plain)
    if parts and "".join(amount + unit for amount, unit in parts) == plain:
        return sum(float(amount) * UNITS[unit] for amount, unit in parts)
    try:
        return number(text)
    except InvalidValue:
        raise InvalidValue(_("a length of time, such as 90s, 5m or 1h30m")) from None


def moment(text: str) -> datetime:
    """ "2026-05-14", "2026-05-14T14:30" in the person's zone, or "30d": that long ago. Raises InvalidValue."""
    problem = InvalidValue(_("a day such as 2026-05-14, or how long ago: 24h, 30d"))
    try:
        day = parse_date(text)
        at = datetime.combine(day, time()) if day else parse_datetime(text)
        if at is None:
            return now() - timedelta(seconds=seconds(text))
        at = make_aware(at, get_current_timezone()) if is_naive(at) else at
        return at.astimezone(UTC)  # as the database has it: the first and the last day of the calendar may have none
    except (ValueError, OverflowError):
        raise problem from None
