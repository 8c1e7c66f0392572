"""Checks a request against its input shape and says what is wrong in AWS's own texts.

Two kinds of wrong: what cannot be read as the shape at all (a string for a number) is AWS's SerializationException,
one at a time; what can be read but breaks a rule is AWS's ValidationException, all at once.
"""

import base64
import binascii
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TypeVar

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.utils import parse_to_aware_datetime

from engine.wire.errors import AwsError, ValidationException

MAX_ECHO = 1024  # characters of a refused value that an error repeats
MAX_PROBLEMS = 50  # broken rules that an error names; a request of 6 MB can break a million
MAX_MATCHED = 16 * 1024  # characters of a value that is matched with a pattern; a text may be megabytes long
T = TypeVar("T")
KINDS = {bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE", list: "START_ARRAY"}
BOUNDS = {"integer": 2**31, "long": 2**63}
# Java spells every character beyond the first 65,536 as a pair of surrogates; Python has them as themselves.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"


class SerializationException(AwsError):
    """The request cannot be read as what the operation takes."""

    code = "SerializationException"


class _Problems(list[str]):
    """The broken rules of a request; the last of MAX_PROBLEMS ends the reading."""

    def append(self, problem: str) -> None:
        super().append(problem)
        if len(self) == MAX_PROBLEMS:
            raise self.error(" and the rest was not read")

    def error(self, more: str = "") -> ValidationException:
        """The error that names them all."""
        errors = "validation error" if len(self) == 1 else "validation errors"
        return ValidationException(f"{len(self)} {errors} detected{more}: {'; '.join(self)}")


def validate(shape: StructureShape | None, value: dict) -> dict:
    """`value` as the operation may use it: nulls left out, times as aware datetimes, blobs as bytes.

    Raises ValidationException with the broken rules, MAX_PROBLEMS at most, or SerializationException.
    """
    if shape is None:
        return {}
    problems = _Problems()
    clean = _read(shape, value, "", problems)
    if problems:
        raise problems.error()
    return clean


def _read(shape: Shape, value, path: str, problems: list[str]):
    if isinstance(shape, StructureShape):
        return _structure(shape, value, path, problems)
    if isinstance(shape, ListShape):
        items = _typed(value, list, "a List", path)
        _check_length(shape, items, path, problems)
        members = ((f"{path}.{n}.member", v) for n, v in enumerate(_allowed(shape, items), 1))
        return [_read(shape.member, v, where, problems) for where, v in members if _check_present(v, where, problems)]
    if isinstance(shape, MapShape):
        return _map(shape, value, path, problems)
    if isinstance(shape, StringShape):
        text = _typed(value, str, "a String", path)
        _check_string(shape, text, _display(shape, text), path, problems)
        return text
    if shape.type_name in BOUNDS:
        number = _integer(value, BOUNDS[shape.type_name], shape.type_name, path)
        _check_range(shape, number, path, problems)
        return number
    if shape.type_name in ("float", "double"):
        decimal = _float(value, path)
        _check_range(shape, decimal, path, problems)
        return decimal
    if shape.type_name == "boolean":
        return _typed(value, bool, "a Boolean", path)
    if shape.type_name == "timestamp":
        return _time(value, path)
    if shape.type_name == "blob":
        return _blob(shape, value, path, problems)
    return value


def _structure(shape: StructureShape, value, path: str, problems: list[str]) -> dict:
    members = _typed(value, dict, f"a {shape.name}" if path else "an object", path)
    if getattr(shape, "is_document_type", False):
        return members
    for name in members:
        if _typed(name, str, "a String", path) not in shape.members:
            rule = f"Member is not known; {shape.name} takes: {', '.join(shape.members) or 'nothing'}"
            problems.append(f"Value at '{_join(path, name)}' failed to satisfy constraint: {rule}")
    clean = {}
    for name, member in shape.members.items():
        where = _join(path, name)
        if members.get(name) is not None:
            clean[name] = _read(member, members[name], where, problems)
        elif name in shape.required_members:
            _check_present(None, where, problems)
    if getattr(shape, "is_tagged_union", False) and len(clean) != 1:
        problems.append(f"Value at '{path}' failed to satisfy constraint: Exactly one member must be set")
    return clean


def _map(shape: MapShape, value, path: str, problems: list[str]) -> dict:
    members = _typed(value, dict, "a Map", path)
    _check_length(shape, members, path, problems)
    clean = {}
    for key, item in _allowed(shape, members.items()):
        broken: list[str] = []
        _check_string(shape.key, _typed(key, str, "a String", path), "", "", broken)
        if broken:
            rules = ", ".join(b.partition("constraint: ")[2] for b in broken)
            problems.append(
                f"Value '{_echo(members)}' at '{path}' failed to satisfy constraint: "
                f"Map keys must satisfy constraint: [{rules}]"
            )
        where = f"{path}.{key}.member"
        if _check_present(item, where, problems):
            clean[key] = _read(shape.value, item, where, problems)
    return clean


def _check_present(value, path: str, problems: list[str]) -> bool:
    if value is None:
        problems.append(f"Value null at '{path}' failed to satisfy constraint: Member must not be null")
    return value is not None


def _check_string(shape: Shape, text: str, display: str, path: str, problems: list[str]) -> None:
    """Report every broken rule of a string: length, pattern and enum. A very long text is not matched."""

    def broken(rule: str) -> None:
        problems.append(f"Value '{display}' at '{path}' failed to satisfy constraint: {rule}")

    minimum, maximum, pattern = (shape.metadata.get(m) for m in ("min", "max", "pattern"))
    if "\0" in text:
        broken("Member must not contain a NUL character")
    if minimum is not None and len(text) < minimum:
        broken(f"Member must have length greater than or equal to {minimum}")
    if maximum is not None and len(text) > maximum:
        broken(f"Member must have length less than or equal to {maximum}")
    if pattern and len(text) <= MAX_MATCHED and not _matches(pattern, text):
        broken(f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and text not in shape.enum:
        broken(f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


@cache
def compiled(pattern: str) -> regex.Pattern:
    """A pattern of a service model, whose regular expressions are Java's."""
    return regex.compile(pattern.replace(SURROGATES, "\U00010000-\U0010ffff"))


def _matches(pattern: str, text: str) -> bool:
    try:
        return compiled(pattern).fullmatch(text, timeout=1) is not None
    except TimeoutError:
        return False


def _check_length(shape: Shape, items, path: str, problems: list[str]) -> None:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and len(items) < minimum:
        rule = f"Member must have length greater than or equal to {minimum}"
    elif maximum is not None and len(items) > maximum:
        rule = f"Member must have length less than or equal to {maximum}"
    else:
        return
    problems.append(f"Value '{_display(shape, items)}' at '{path}' failed to satisfy constraint: {rule}")


def _allowed(shape: Shape, items: Iterable[T]) -> Iterator[T]:
    """The items up to the maximum; that there are more is a problem of its own."""
    return islice(items, shape.metadata.get("max"))


def _check_range(shape: Shape, number: float, path: str, problems: list[str]) -> None:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and number < minimum:
        rule = f"Member must have value greater than or equal to {minimum}"
    elif maximum is not None and number > maximum:
        rule = f"Member must have value less than or equal to {maximum}"
    else:
        return
    problems.append(f"Value '{number}' at '{path}' failed to satisfy constraint: {rule}")


def _typed(value, kind: type, type_name: str, path: str):
    if not isinstance(value, kind):
        raise _conversion_error(value, type_name, path)
    return value


def _integer(value, bound: int, kind: str, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -bound <= value < bound:
        raise _conversion_error(value, "an Integer" if kind == "integer" else "a Long", path)
    return value


def _float(value, path: str) -> float:
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:  # CBOR has integers of any length
        number = math.inf
    if not math.isfinite(number):
        raise _conversion_error(value, "a Float", path)
    return number


def _time(value, path: str) -> datetime:
    if isinstance(value, bool):
        raise _conversion_error(value, "a Timestamp", path)
    try:
        return parse_to_aware_datetime(value)
    except (ValueError, TypeError, OverflowError, OSError, RuntimeError):
        raise _conversion_error(value, "a Timestamp", path) from None


def _blob(shape: Shape, value, path: str, problems: list[str]) -> bytes:
    if isinstance(value, str):
        try:
            value = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise _conversion_error(value, "a Blob", path) from None
    _check_length(shape, _typed(value, bytes, "a Blob", path), path, problems)
    return value


def _conversion_error(value, type_name: str, path: str) -> SerializationException:
    kind = "START_OBJECT" if isinstance(value, dict) else KINDS.get(type(value), type(value).__name__)
    if value is False:
        kind = "FALSE_VALUE"
    return SerializationException(f"{kind} can not be converted to {type_name} at '{path or 'the request'}'")


def _display(shape: Shape, value) -> str:
    return "***Sensitive***" if shape.metadata.get("sensitive") else _echo(value)


def _echo(value) -> str:
    """A value as AWS's errors print it: strings bare, the rest in Java's manner. What is too deep is "..."."""
    text = ""
    for part in _parts(value, 5):
        text += part
        if len(text) > MAX_ECHO:
            return text[:MAX_ECHO] + "..."
    return text


def _parts(value, depth: int) -> Iterator[str]:
    """The text of `_echo` in parts, of which only the first are used: items that CBOR shares may be without end."""
    if isinstance(value, dict | list) and not depth:
        yield "..."
    elif isinstance(value, dict):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield f"{', ' if number else ''}{_scalar(key)}="
            yield from _parts(item, depth - 1)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _parts(item, depth - 1)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value) -> str:
    is_huge = isinstance(value, int) and value.bit_length() > MAX_ECHO  # Python writes no number of 4,300 digits
    return "..." if is_huge else str(value)


def _join(path: str, name: str) -> str:
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name
