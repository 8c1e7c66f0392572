"""Names the S3 operation that a request asks for, by AWS's service model as botocore ships it.

A request's method, its level (service, bucket or object) and the names in its query choose the operation. A store that
ignores a name it does not know performs the operation of the bare path: `DELETE /bucket?website` deletes the bucket. So
each name must belong to the operation, and no other name goes on to the store.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from urllib.parse import unquote

from engine.auth.errors import RequestError
from engine.wire import contract

# Old Regions allowed upper case and underscores. A name that begins with a dot is a folder of the store's own.
BUCKET = re.compile(r"[A-Za-z0-9][\w.-]{0,254}", re.ASCII)
COPY_SOURCE, BYPASS = "x-amz-copy-source", "x-amz-bypass-governance-retention"
COPY_RANGE, RANGE = "x-amz-copy-source-range", re.compile(r"bytes=\d{1,15}-\d{1,15}", re.ASCII)
SKIPPED = {"x-id"}  # SDKs add the operation's name under this one
MAX_PARTS = 10_000
NO_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed."
)


class Level(StrEnum):
    """What an operation is about."""

    SERVICE = "service"
    BUCKET = "bucket"
    OBJECT = "object"


class Kind(StrEnum):
    """What a caller must be allowed to do."""

    READ = "read"  # changes nothing
    WRITE = "write"  # changes objects, buckets or settings of buckets
    ADMIN = "admin"  # overrides a protection that somebody set


@dataclass(frozen=True)
class Operation:
    """One operation of S3.

    A request means it when it has all of `selectors`, query names and "name=value", and when `is_copy` the header of a
    copy's source. `subresources` are the selectors without a value; `modifiers` are query names that it may have, too.
    """

    name: str
    method: str
    level: Level
    kind: Kind
    subresources: frozenset[str] = frozenset()
    selectors: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    is_copy: bool = False

    @property
    def query_names(self) -> set[str]:
        """The names that its query may have."""
        return {selector.partition("=")[0] for selector in self.selectors} | self.modifiers


# The question of a browser before a request of another page's, which no SDK models.
PREFLIGHT = Operation("Preflight", "OPTIONS", Level.OBJECT, Kind.READ)


def classify(
    method: str, level: Level, query: Iterable[tuple[str, str]], headers: Mapping[str, str]
) -> tuple[Operation, dict[str, str]]:
    """Return the operation and the query to send on, decoded. Raises RequestError for what names no operation.

    `query` has decoded names and values; the names of `headers` are lower-case. GetObject and HeadObject ignore unknown
    names, as AWS does, because caches and browsers add some; the names of other sub-resources are refused there, too.
    """
    parameters = {name: value for name, value in query if name not in SKIPPED}
    operation = _operation_of(method, level, parameters, headers)
    if operation is None:
        if parameters:
            raise _not_implemented(parameters)
        raise RequestError("The specified method is not allowed against this resource.", "MethodNotAllowed", 405)
    unknown = parameters.keys() - operation.query_names
    if operation.name in ("GetObject", "HeadObject"):
        unknown &= _subresources()
    if {"uploadId", "partNumber"} & unknown:
        text = f"{operation.name} has no {' and '.join(sorted(unknown))}. A part of an upload needs both."
        raise RequestError(text, "InvalidRequest", 400)
    if unknown:
        raise _not_implemented(unknown)
    _check_values(operation, parameters, headers)
    if headers.get(BYPASS, "").lower() == "true" and operation.kind == Kind.WRITE:
        operation = replace(operation, kind=Kind.ADMIN)
    values = {name: "" if name in operation.subresources else value for name, value in parameters.items()}
    return operation, {name: value for name, value in values.items() if name in operation.query_names}


def _operation_of(
    method: str, level: Level, parameters: dict[str, str], headers: Mapping[str, str]
) -> Operation | None:
    """The operation that most of the request's selectors mean."""
    if method == "POST" and level == Level.BUCKET and not parameters:  # a form has been read before
        condition = "Bucket POST must be of the enclosure-type multipart/form-data"
        text = "At least one of the pre-conditions you specified did not hold"
        raise RequestError(text, "PreconditionFailed", 412, Condition=condition)
    present = {*parameters, *(f"{name}={value}" for name, value in parameters.items())}
    operations = (o for o in _table().get((method, level), ()) if o.selectors <= present)
    matching = (o for o in operations if not o.is_copy or COPY_SOURCE in headers)
    return max(matching, key=lambda o: (len(o.selectors), o.is_copy), default=None)


def _check_values(operation: Operation, parameters: dict[str, str], headers: Mapping[str, str]) -> None:
    """Refuse values with which a store looks for another operation."""
    number = parameters.get("partNumber", "1")
    if not (number.isascii() and number.isdecimal() and len(number) < 10 and 1 <= int(number) <= MAX_PARTS):
        text = f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive"
        raise RequestError(text, "InvalidArgument", 400, ArgumentName="partNumber", ArgumentValue=number)
    if operation.name in ("GetObject", "HeadObject") and "partNumber" in parameters and "range" in headers:
        raise RequestError("Cannot specify both Range header and partNumber query parameter", "InvalidRequest", 400)
    if "uploadId" in operation.selectors and not parameters["uploadId"]:
        raise RequestError(NO_UPLOAD, "NoSuchUpload", 404, UploadId="")
    span = headers.get(COPY_RANGE)
    if operation.is_copy and span is not None and not RANGE.fullmatch(span):
        text = "The x-amz-copy-source-range value must be of the form bytes=first-last"
        raise RequestError(text, "InvalidArgument", 400, ArgumentName=COPY_RANGE, ArgumentValue=span)
    if operation.is_copy:
        source = unquote(headers[COPY_SOURCE]).removeprefix("/")
        bucket, _, key = source.partition("/")
        if not BUCKET.fullmatch(bucket) or not key:
            raise invalid_copy_source(source)


def invalid_copy_source(source: str) -> RequestError:
    """Return the error for a header that does not name what is to be copied."""
    text = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
    return RequestError(text, "InvalidArgument", 400, ArgumentName=COPY_SOURCE, ArgumentValue=source)


def _not_implemented(names: Iterable[str]) -> RequestError:
    header = "?" + "&".join(sorted(names))[:200]
    text = f"A parameter you provided implies functionality that is not implemented: {header}"
    return RequestError(text, "NotImplemented", 501, Header=header)


@cache
def by_name() -> dict[str, Operation]:
    """Return every operation of AWS's service model by its name, without the deprecated ones."""
    model = contract.service("s3")
    models = (model.operation_model(name) for name in model.operation_names)
    operations = (_operation(m) for m in models if not m.deprecated)
    return {operation.name: operation for operation in operations if operation}


@cache
def _table() -> dict[tuple[str, Level], list[Operation]]:
    table: dict[tuple[str, Level], list[Operation]] = {}
    for operation in by_name().values():
        table.setdefault((operation.method, operation.level), []).append(operation)
    return table


@cache
def _subresources() -> frozenset[str]:
    """The names that choose an operation on any level."""
    return frozenset({"uploadId"}.union(*(operation.subresources for operation in by_name().values())))


def _operation(model) -> Operation | None:
    path, _, query = model.http["requestUri"].partition("?")
    level = {"/": Level.SERVICE, "/{Bucket}": Level.BUCKET, "/{Bucket}/{Key+}": Level.OBJECT}.get(path)
    if level is None:  # WriteGetObjectResponse has an address of its own
        return None
    selectors = {part for part in query.split("&") if part}
    modifiers: set[str] = set()
    is_copy = False
    subresources = frozenset(part for part in selectors if "=" not in part)
    for name, member in model.input_shape.members.items() if model.input_shape else ():
        target = member.serialization.get("name", "")
        if member.serialization.get("location") == "querystring":
            (selectors if name in model.input_shape.required_members else modifiers).add(target)
        elif target == COPY_SOURCE and name in model.input_shape.required_members:
            is_copy = True
    method = model.http["method"]
    kind = Kind.READ if method in ("GET", "HEAD") else Kind.WRITE
    return Operation(model.name, method, level, kind, subresources, frozenset(selectors), frozenset(modifiers), is_copy)
