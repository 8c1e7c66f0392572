"""Shapes an operation's answer as its output shape says, and refuses to send one that does not fit."""

from datetime import UTC, datetime

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

_validator = ParamValidator()


class InvalidResponse(Exception):
    """An operation of ours answered what AWS never would: a bug, which the caller sees as InternalFailure."""


def shape_response(operation: OperationModel, value: dict | None) -> dict:
    """`value` with only the members AWS knows, times as aware datetimes, nothing null and no empty structure.

    Raises InvalidResponse when a required member is missing or one has the wrong type.
    """
    shape = operation.output_shape
    if shape is None:
        return {}
    answer = _fit(shape, value or {})
    report = _validator.validate(answer, shape)
    if report.has_errors():
        raise InvalidResponse(f"{operation.name} answered what its shape does not allow. {report.generate_report()}")
    return answer


def _fit(shape: Shape, value):
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        fitted = {n: _fit(m, value[n]) for n, m in shape.members.items() if value.get(n) is not None}
        kept = shape.required_members
        return {n: v for n, v in fitted.items() if v or n in kept or not isinstance(shape.members[n], StructureShape)}
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [_fit(shape.member, v) for v in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {k: _fit(shape.value, v) for k, v in value.items() if v is not None}
    if shape.type_name == "timestamp" and isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    return value
