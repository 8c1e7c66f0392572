"""Bucket policies: what a document says, and whether it denies or allows a request.

Source: "IAM JSON policy elements reference" and "Policy evaluation logic" in IAM's user guide, "The meaning of public"
in S3's. What this gateway cannot evaluate is refused when a policy is put, never ignored. A request counts as sent over
TLS: the gateway listens on loopback, or behind a proxy that ends TLS.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from engine.auth.errors import RequestError
from engine.s3.policy_conditions import Condition, refuse_variables, wildcards

VERSIONS = ("2012-10-17", "2008-10-17")
FIELDS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
ARN = "arn:aws:s3:::"
_PRINCIPAL = re.compile(r"\*|\d{12}|arn:aws:(iam|sts)::[^:*?]+:(root|(user|role|assumed-role)/[^:*?]+)")
_ACTION = re.compile(r"\*|s3:[\w*?]+", re.IGNORECASE | re.ASCII)
# With fixed values of these a statement for everybody is not public.
_RESTRICTING = {"aws:sourceip", "aws:principalarn", "aws:principalaccount"}


class Access(NamedTuple):
    """What a request asks of a bucket: who, what, of which resource, and the values of condition keys in lower case.

    `principals` are all names of the caller: "*", the account, ARNs.
    """

    principals: frozenset[str]
    action: str
    resource: str
    context: Mapping[str, str]


class Patterns(NamedTuple):
    """Texts with `*` and `?`, or what does not match them."""

    patterns: tuple[Any, ...]
    negated: bool

    def match(self, text: str) -> bool:
        """Return whether they are about `text`."""
        return any(pattern.fullmatch(text) for pattern in self.patterns) != self.negated


class Statement(NamedTuple):
    """One statement of a policy."""

    denies: bool
    principals: frozenset[str]
    excepts: bool  # NotPrincipal
    actions: Patterns
    resources: Patterns
    conditions: tuple[Condition, ...]

    def applies(self, access: Access) -> bool:
        """Return whether it speaks of `access`."""
        return (
            bool(self.principals & access.principals) != self.excepts
            and self.actions.match(access.action.lower())
            and self.resources.match(access.resource)
            and all(condition.holds(access.context) for condition in self.conditions)
        )

    @property
    def is_public(self) -> bool:
        """Return whether it allows something to everybody."""
        restricted = any(c.key in _RESTRICTING and c.is_fixed for c in self.conditions)
        return not self.denies and "*" in self.principals and not restricted

    @property
    def decides(self) -> bool:
        """Return whether it can decide about any request; not what only denies requests without TLS."""
        return not (self.denies and any(c.never_holds for c in self.conditions))


class Policy(NamedTuple):
    """The statements of a policy."""

    statements: tuple[Statement, ...]

    def denies(self, access: Access) -> bool:
        """Return whether a statement denies `access`."""
        return any(statement.denies and statement.applies(access) for statement in self.statements)

    def allows(self, access: Access) -> bool:
        """Return whether a statement allows `access`, whatever others deny."""
        return any(not statement.denies and statement.applies(access) for statement in self.statements)

    @property
    def is_public(self) -> bool:
        """Return whether it allows something to everybody."""
        return any(statement.is_public for statement in self.statements)

    @property
    def decides(self) -> bool:
        """Return whether it can decide about any request."""
        return any(statement.decides for statement in self.statements)


@lru_cache(256)
def parse(text: str, bucket: str) -> Policy:
    """Return the policy that `text` is for `bucket`. Raises RequestError: MalformedPolicy, or NotImplemented (501)."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed("Policies must be valid JSON and the first byte must be '{'") from None
    if not isinstance(document, dict):
        raise malformed("Policies must be valid JSON and the first byte must be '{'")
    if unknown := document.keys() - {"Version", "Id", "Statement"}:
        raise malformed(f"Unknown field {min(unknown)}")
    if document.get("Version", VERSIONS[1]) not in VERSIONS:
        raise malformed("The policy must contain a valid version string")
    statements = _list(document.get("Statement"))
    if not statements:
        raise malformed("Missing required field Statement")
    return Policy(tuple(_statement(statement, bucket) for statement in statements))


def malformed(why: str) -> RequestError:
    """Return the error for what is no policy."""
    return RequestError(why, "MalformedPolicy", 400)


def _statement(statement: Any, bucket: str) -> Statement:
    if not isinstance(statement, dict):
        raise malformed("A statement is an object")
    if unknown := statement.keys() - FIELDS:
        raise malformed(f"Unknown field {min(unknown)}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise malformed(f"Invalid effect : {statement.get('Effect')}")
    denies = statement["Effect"] == "Deny"
    principal, excepts = _one_of(statement, "Principal")
    if excepts and not denies:
        raise malformed("Allow with NotPrincipal is not allowed")
    actions, resources = _texts(statement, "Action"), _texts(statement, "Resource")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise malformed("Policy has invalid action")
    refuse_variables(resources)
    for resource in resources:
        if not resource.startswith(ARN) or not wildcards(resource[len(ARN) :].partition("/")[0]).fullmatch(bucket):
            raise malformed("Policy has invalid resource")
    return Statement(
        denies,
        _principals(principal),
        excepts,
        Patterns(tuple(wildcards(action.lower()) for action in actions), "NotAction" in statement),
        Patterns(tuple(map(wildcards, resources)), "NotResource" in statement),
        _conditions(statement.get("Condition", {})),
    )


def _one_of(statement: dict, name: str) -> tuple[Any, bool]:
    """The value of `name` or of its negation, and which it is."""
    present = [n for n in (name, f"Not{name}") if n in statement]
    if len(present) != 1:
        raise malformed(f"Missing required field {name}")
    return statement[present[0]], present[0] != name


def _texts(statement: dict, name: str) -> list[str]:
    values = _list(_one_of(statement, name)[0])
    if not values or not all(isinstance(value, str) for value in values):
        raise malformed(f"Missing required field {name}")
    return values


def _principals(principal: Any) -> frozenset[str]:
    if principal == "*":
        return frozenset("*")
    if (
        not isinstance(principal, dict)
        or not principal
        or principal.keys() - {"AWS", "CanonicalUser", "Service", "Federated"}
    ):
        raise malformed("Invalid principal in policy")
    names = [name for kind in ("AWS", "CanonicalUser") for name in _list(principal.get(kind, []))]
    for name in _list(principal.get("AWS", [])):
        if not isinstance(name, str) or not _PRINCIPAL.fullmatch(name):
            raise malformed("Invalid principal in policy")
    if not all(isinstance(name, str) for name in names):
        raise malformed("Invalid principal in policy")
    return frozenset(names)


def _conditions(conditions: Any) -> tuple[Condition, ...]:
    if not isinstance(conditions, dict) or not all(isinstance(keys, dict) for keys in conditions.values()):
        raise malformed("Conditions are objects of operators, keys and values")
    triples = [(operator, key, _list(values)) for operator, keys in conditions.items() for key, values in keys.items()]
    return tuple(Condition.read(operator, key, values) for operator, key, values in triples)


def _list(value: Any) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]
