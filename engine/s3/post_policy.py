"""Checks a form against the policy that came signed with it: who may upload what, where, until when.

Source: "Creating a POST policy" in Amazon S3's API reference.
"""

import base64
import binascii
import contextlib
import json
from datetime import UTC, datetime

from engine.auth.errors import RequestError

# Fields that a policy need not mention. `policy` and the signatures cannot be in what they sign.
FREE = {"file", "policy", "signature", "awsaccesskeyid", "x-amz-signature"}
IGNORED = "x-ignore-"
SIZE = "content-length-range"


def check(policy: str, fields: dict[str, str], bucket: str) -> tuple[int, int | None]:
    """Return the least and the greatest size of the file in bytes, None for no limit. Raises RequestError.

    `policy` is the field as sent, in base64; `fields` has names in lower case.
    """
    document = _parsed(policy)
    if _time(document) <= datetime.now(UTC):
        raise _refused("Policy expired.")
    conditions = document.get("conditions")
    if not isinstance(conditions, list):
        raise _invalid("it has no list of conditions")
    values, covered, sizes = fields | {"bucket": bucket}, set[str](), (0, None)
    for condition in conditions:
        kind, name, value = _condition(condition)
        if kind == SIZE:
            sizes = name, value
            continue
        covered.add(name)
        actual = values.get(name, "")
        if not (actual.startswith(value) if kind == "starts-with" else actual == value):
            raise _refused(f"Policy Condition failed: {json.dumps(condition)}")
    extra = sorted(n for n in values if n not in covered | FREE and not n.startswith(IGNORED))
    if extra:
        raise _refused(f"Extra input fields: {', '.join(extra)}")
    return sizes


def _parsed(policy: str) -> dict:
    try:
        document = json.loads(base64.b64decode(policy, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid("it is not JSON in base64") from None
    if not isinstance(document, dict):
        raise _invalid("it is no object")
    return document


def _time(document: dict) -> datetime:
    try:
        return datetime.strptime(document["expiration"].partition(".")[0].rstrip("Z"), "%Y-%m-%dT%H:%M:%S").replace(
            tzinfo=UTC
        )
    except (KeyError, ValueError, AttributeError):
        raise _invalid("its expiration must be a time such as 2026-12-01T12:00:00.000Z") from None


def _condition(condition) -> tuple:
    """The condition as (kind, name, value), or (SIZE, least, greatest)."""
    match condition:
        case dict() if len(condition) == 1:
            ((name, value),) = condition.items()
            if isinstance(value, str):
                return "eq", name.lower(), value
        case [str(kind), str(name), str(value)] if kind.lower() in ("eq", "starts-with") and name.startswith("$"):
            return kind.lower(), name[1:].lower(), value
        case [str(kind), least, greatest] if kind.lower() == SIZE:
            with contextlib.suppress(TypeError, ValueError):
                if int(least) >= 0 and int(greatest) >= 0:
                    return SIZE, int(least), int(greatest)
    raise _invalid(f"{json.dumps(condition)[:200]} is no condition")


def _invalid(why: str) -> RequestError:
    return RequestError(f"Invalid Policy: {why}.", "InvalidPolicyDocument", 400)


def _refused(why: str) -> RequestError:
    return RequestError(f"Invalid according to Policy: {why}")
