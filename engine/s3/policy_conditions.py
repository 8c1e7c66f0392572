"""Conditions of bucket policies: operators, keys, and whether they hold for a request.

Source: "IAM JSON policy elements: Condition operators" and "AWS global condition context keys" in IAM's user guide,
"Actions, resources, and condition keys for Amazon S3" in the service authorization reference.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from common.linear_regex import InvalidRegex, compile_regex
from engine.auth.errors import RequestError

SECURE_TRANSPORT = "aws:securetransport"
S3_HEADERS = (
    "x-amz-acl", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-grant-full-control", "x-amz-grant-read",
    "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-metadata-directive",
    "x-amz-object-ownership", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class", "x-amz-website-redirect-location",
)  # fmt: skip
KEYS = {
    "aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:referer",
    "aws:resourceaccount", SECURE_TRANSPORT, "aws:sourceip", "aws:useragent", "aws:username",
    "s3:authtype", "s3:delimiter", "s3:max-keys", "s3:prefix", "s3:resourceaccount", "s3:signatureversion",
    "s3:versionid", *(f"s3:{name}" for name in S3_HEADERS),
}  # fmt: skip
_Test = Callable[[Any, str], bool]  # of a value read from the policy and the request's


def refuse_variables(texts: Iterable[str]) -> None:
    """Raise RequestError (501) for a text in which IAM would put a value of the request."""
    if any("${" in text for text in texts):
        raise RequestError("Policy variables are not implemented.", "NotImplemented", 501)


def wildcards(text: str) -> Any:
    """Return an expression, with `fullmatch`, of a text with `*` and `?`. Raises RequestError for what is too long."""
    signs = {"*": ".*", "?": "."}
    pattern = "".join(signs.get(sign) or re.escape(sign) for sign in text)
    try:
        return compile_regex(f"(?s){pattern}")
    except InvalidRegex as error:
        raise RequestError(f"A pattern of the policy {error}", "MalformedPolicy", 400) from None


def _number(text: str) -> float:
    return float(text)


def _time(text: str) -> float:
    if text.isdecimal():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _bool(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower()


def _compared(read: Callable[[str], float], test: Callable[[float, float], bool]) -> tuple[Callable, _Test]:
    return read, lambda wanted, actual: test(read(actual), wanted)


_NETWORK = partial(ipaddress.ip_network, strict=False)
_EQUAL: _Test = lambda wanted, actual: wanted == actual  # noqa: E731
_LIKE: _Test = lambda wanted, actual: bool(wanted.fullmatch(actual))  # noqa: E731
_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda actual, wanted: actual == wanted,
    "LessThan": lambda actual, wanted: actual < wanted,
    "LessThanEquals": lambda actual, wanted: actual <= wanted,
    "GreaterThan": lambda actual, wanted: actual > wanted,
    "GreaterThanEquals": lambda actual, wanted: actual >= wanted,
}
# How an operator reads a value of the policy, and how it compares the request's with it.
OPERATORS: dict[str, tuple[Callable[[str], Any], _Test]] = {
    "StringEquals": (str, _EQUAL),
    "StringEqualsIgnoreCase": (str.casefold, lambda wanted, actual: wanted == actual.casefold()),
    "StringLike": (wildcards, _LIKE),
    "ArnEquals": (wildcards, _LIKE),
    "ArnLike": (wildcards, _LIKE),
    "Bool": (_bool, lambda wanted, actual: wanted == actual.lower()),
    "IpAddress": (_NETWORK, lambda wanted, actual: ipaddress.ip_address(actual) in wanted),
    "Null": (_bool, _EQUAL),
    **{f"Numeric{name}": _compared(_number, relation) for name, relation in _RELATIONS.items()},
    **{f"Date{name}": _compared(_time, relation) for name, relation in _RELATIONS.items()},
}
NEGATED = {
    "StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike", "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals",
}  # fmt: skip


class Condition(NamedTuple):
    """One operator with one key, in lower case, and its values as the policy has them and as they are compared."""

    operator: str
    key: str
    texts: tuple[str, ...]
    values: tuple[Any, ...]
    negated: bool
    if_exists: bool

    @classmethod
    def read(cls, operator: str, key: str, values: list) -> "Condition":
        """Return the condition. Raises RequestError: MalformedPolicy, or NotImplemented (501)."""
        base, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
        name = NEGATED.get(base, base)
        if name not in OPERATORS or (name == "Null" and if_exists):
            raise _unknown("operator", operator, [*OPERATORS, *NEGATED])
        if key.lower() not in KEYS:
            raise _unknown("key", key, KEYS)
        texts = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
        refuse_variables(texts)
        try:
            compared = tuple(map(OPERATORS[name][0], texts))
        except ValueError:
            raise RequestError(f"Invalid value of {operator} of {key}", "MalformedPolicy", 400) from None
        return cls(name, key.lower(), texts, compared, base in NEGATED, if_exists)

    def holds(self, context: Mapping[str, str]) -> bool:
        """Return whether it holds for a request with these values of keys.

        Without a value, a negated operator and one that ends in IfExists hold.
        """
        actual = context.get(self.key)
        if self.operator == "Null":
            return str(actual is None).lower() in self.values
        if actual is None:
            return self.negated or self.if_exists
        test = OPERATORS[self.operator][1]
        try:
            return any(test(value, actual) for value in self.values) != self.negated
        except ValueError:  # what the request has is no number, time or address
            return self.negated

    @property
    def is_fixed(self) -> bool:
        """Return whether it holds for values that the policy names one by one."""
        wide = any("*" in text or "?" in text or text.endswith("/0") for text in self.texts)
        return not (self.negated or self.if_exists or self.operator == "Null" or wide)

    @property
    def never_holds(self) -> bool:
        """Return whether it asks for a request without TLS, which there is none of."""
        return self.key == SECURE_TRANSPORT and self.operator == "Bool" and {*self.values} == {"false"}


def _unknown(kind: str, name: str, known: Any) -> RequestError:
    text = f"The condition {kind} {name[:100]} is not implemented. These are: {', '.join(sorted(known))}."
    return RequestError(text, "NotImplemented", 501)
