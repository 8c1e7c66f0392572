"""The lifecycle rules of a bucket: what S3 takes, and what they say of an object, a version or an unfinished upload.

Source: "Lifecycle configuration elements" and "Examples of S3 Lifecycle configurations" in the user guide,
PutBucketLifecycleConfiguration in the API reference. Times are rounded up to the next midnight UTC.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from engine.auth.errors import RequestError
from engine.s3 import xml

ROOT = "LifecycleConfiguration"
MAX_RULES, MAX_ID, MAX_NEWER = 1000, 255, 100
DAY = timedelta(days=1)
TRANSITIONS = ("Transition", "NoncurrentVersionTransition")
ACTIONS = ("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
RULE = {"ID", "Status", "Prefix", "Filter", *ACTIONS}
SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
PREDICATES = {"Prefix", "Tag", *SIZES}


class Rule(NamedTuple):
    """One rule that is enabled. None says that it does not say: no limit of sizes (bytes), no such action."""

    prefix: str = ""
    tags: frozenset[tuple[str, str]] = frozenset()
    greater: int | None = None
    less: int | None = None
    days: int | None = None
    date: datetime | None = None
    removes_markers: bool = False
    noncurrent_days: int | None = None
    newer_noncurrent: int = 0
    abort_days: int | None = None

    def includes(self, key: str, size: int) -> bool:
        """Return whether it is about an object with this key and size in bytes; its tags are not looked at."""
        is_large = self.greater is None or size > self.greater
        return key.startswith(self.prefix) and is_large and (self.less is None or size < self.less)

    def expires(self, modified: datetime, now: datetime) -> bool:
        """Return whether the current version that was written at `modified` expires by `now`."""
        return _is_past(modified, self.days, now) or (self.date is not None and self.date <= now)

    def expires_noncurrent(self, since: datetime, newer: int, now: datetime) -> bool:
        """Return whether a version expires that is not current `since` then, with `newer` others after it."""
        return newer >= self.newer_noncurrent and _is_past(since, self.noncurrent_days, now)

    def aborts(self, initiated: datetime, now: datetime) -> bool:
        """Return whether an upload that began at `initiated` and is not complete is aborted by `now`."""
        return _is_past(initiated, self.abort_days, now)


def _is_past(moment: datetime, days: int | None, now: datetime) -> bool:
    """Whether the midnight at or after `moment` and `days` days has come; False for None."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return days is not None and (midnight - moment) / DAY >= days


def normalize(body: bytes) -> str:
    """Return the elements of the rules in `body`, with ids. Raises RequestError for what S3 or this engine refuses."""
    rules = xml.parse(body, ROOT).findall("Rule")
    if not 1 <= len(rules) <= MAX_RULES:
        raise xml.malformed()
    for element in rules:
        _check(element)
    ids = [element.findtext("ID") for element in rules]
    if len({*ids}) != len(ids):
        raise _invalid("Rule ID must be unique. Found same ID for more than one rule")
    text = "".join(ElementTree.tostring(element, "unicode") for element in rules)
    return text.replace("\r", "&#13;")  # a parser would make a line feed of it


def parse(text: str) -> list[Rule]:
    """Return the rules of `normalize` that are enabled."""
    root = xml.parse(f"<{ROOT}>{text}</{ROOT}>".encode(), ROOT)
    return [_rule(element) for element in root.iter("Rule") if element.findtext("Status") == "Enabled"]


def _check(rule: Element) -> None:
    """Raise RequestError for a rule that is none; give it an id if it has none."""
    for element in rule.iter():
        element.attrib.clear()
        element.tail = None
        if len(element):
            element.text = None
    for name in TRANSITIONS:
        if (transition := rule.find(name)) is not None:
            _date(transition)
            text = f"{name} is not implemented: there is one storage class."
            raise RequestError(text, "NotImplemented", 501)
    names = [child.tag for child in rule]
    if {*names} - RULE or len(names) != len({*names}) or rule.findtext("Status") not in ("Enabled", "Disabled"):
        raise xml.malformed()
    if ("Prefix" in names) == ("Filter" in names):
        raise xml.malformed()
    if not {*names} & {*ACTIONS}:
        raise _invalid("At least one action needs to be specified in a rule", "InvalidRequest")
    identifier = rule.find("ID")
    if identifier is None:
        identifier = Element("ID")
        rule.insert(0, identifier)
    identifier.text = identifier.text or secrets.token_urlsafe(36)
    if len(identifier.text) > MAX_ID:
        raise _invalid(f"ID length should not exceed allowed limit of {MAX_ID}")
    _rule(rule)


def _rule(element: Element) -> Rule:
    conditions = _conditions(element)
    expiration, noncurrent, abort = (element.find(name) for name in ACTIONS)
    rule = Rule(**conditions)
    if expiration is not None:
        if len(expiration) != 1 or expiration[0].tag not in ("Days", "Date", "ExpiredObjectDeleteMarker"):
            raise xml.malformed()
        rule = rule._replace(
            days=_number(expiration, "Days", "Expiration"),
            date=_date(expiration),
            removes_markers=xml.flag(expiration, "ExpiredObjectDeleteMarker"),
        )
    if noncurrent is not None:
        newer = _number(noncurrent, "NewerNoncurrentVersions", "NoncurrentVersionExpiration") or 0
        days = _number(noncurrent, "NoncurrentDays", "NoncurrentVersionExpiration")
        if days is None or {child.tag for child in noncurrent} - {"NoncurrentDays", "NewerNoncurrentVersions"}:
            raise xml.malformed()
        if newer > MAX_NEWER:
            raise _invalid(f"'NewerNoncurrentVersions' must be at most {MAX_NEWER}")
        rule = rule._replace(noncurrent_days=days, newer_noncurrent=newer)
    if abort is not None:
        rule = rule._replace(abort_days=_number(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"))
        if rule.abort_days is None or len(abort) != 1:
            raise xml.malformed()
    is_narrow = rule.tags or rule.greater is not None or rule.less is not None
    for name, is_set in ((ACTIONS[2], abort is not None), ("ExpiredObjectDeleteMarker", rule.removes_markers)):
        if is_set and is_narrow:
            raise _invalid(f"{name} cannot be specified with Tags or object sizes.", "InvalidRequest")
    return rule


def _conditions(rule: Element) -> Mapping:
    """What an object must have for the rule to be about it."""
    chosen = rule.find("Filter")
    if chosen is None:
        return {"prefix": rule.findtext("Prefix") or ""}
    if len(chosen) > 1:
        raise xml.malformed()
    combined = chosen.find("And")
    predicates = chosen if combined is None else combined
    names = [child.tag for child in predicates if child.tag != "Tag"]
    if {*names} - PREDICATES or len(names) != len({*names}):
        raise xml.malformed()
    tags = [(tag.findtext("Key") or "", tag.findtext("Value") or "") for tag in predicates.findall("Tag")]
    if not all(key for key, _ in tags) or len({key for key, _ in tags}) != len(tags):
        raise xml.malformed()
    greater, less = (_number(predicates, name, "Filter", least=0) for name in SIZES)
    prefix = predicates.findtext("Prefix") or ""
    return {"prefix": prefix, "tags": frozenset(tags), "greater": greater, "less": less}


def _number(element: Element, name: str, action: str, least: int = 1) -> int | None:
    text = element.findtext(name)
    if text is None:
        return None
    text = text.strip()
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 15):
        raise xml.malformed()
    if int(text) < least:
        kind = "positive" if least else "non-negative"
        raise _invalid(f"'{name}' for {action} action must be a {kind} integer")
    return int(text)


def _date(element: Element) -> datetime | None:
    text = element.findtext("Date")
    if text is None:
        return None
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        raise xml.malformed() from None
    date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    if (date.hour, date.minute, date.second, date.microsecond) != (0, 0, 0, 0):
        raise _invalid("'Date' must be at midnight GMT")
    return date


def _invalid(text: str, code: str = "InvalidArgument") -> RequestError:
    return RequestError(text, code, 400)
