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
    shaped = _shape(shape, value or {})
    report = _validator.validate(shaped, shape)
    if report.has_errors():
        raise InvalidResponse(f"{operation.name} answered what its shape does not allow. {report.generate_report()}")
    return shaped


def _shape(shape: Shape, value):
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        fitted = {n: _shape(m, value[n]) for n, m in shape.members.items() if value.get(n) is not None}
        required = shape.required_members
        return {
            n: v for n, v in fitted.items() if v or n in required or not isinstance(shape.members[n], StructureShape)
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [_shape(shape.member, v) for v in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {k: _shape(shape.value, v) for k, v in value.items() if v is not None}
    if shape.type_name == "timestamp" and isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    return value
