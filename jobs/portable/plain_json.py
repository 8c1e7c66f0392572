"""The part of orjson that predictors use, by the standard library: a portable model has it in orjson's place."""

from __future__ import annotations

import json
import math
from json import JSONDecodeError
from typing import Any

__all__ = ["OPT_SERIALIZE_NUMPY", "JSONDecodeError", "dumps", "loads"]

OPT_SERIALIZE_NUMPY = 0  # arrays are always taken

loads = json.loads


def dumps(value: Any, option: int = 0) -> bytes:
    """`value`, which may be an array of numbers, as JSON. NaN and the infinities are null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":")).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
