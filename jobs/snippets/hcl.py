"""HCL source, the language of Terraform, from a request of boto3's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Arguments that are maps; every other member with members of its own is a block.
_MAPS = {"HyperParameters", "Environment", "Tags"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Reference(str):
    """An expression of Terraform's, not a text."""


def body(request: Mapping[str, Any], depth: int = 1) -> str:
    """The arguments and then the blocks of `request`, laid out as `terraform fmt` does, indented by `depth` levels."""
    indent, arguments, blocks = "  " * depth, {}, []
    for name, value in request.items():
        argument = _argument(name)
        if name == "Tags":
            value = {tag["Key"]: tag["Value"] for tag in value}
        if name in _MAPS:
            entries = _aligned({literal(key): literal(item) for key, item in value.items()}, f"{indent}  ")
            blocks.append(f"{indent}{argument} = {{\n{entries}{indent}}}\n")
        elif isinstance(value, Mapping):
            blocks.append(f"{indent}{argument} {{\n{body(value, depth + 1)}{indent}}}\n")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            blocks += [f"{indent}{argument} {{\n{body(item, depth + 1)}{indent}}}\n" for item in value]
        else:
            arguments[argument] = literal(value)
    return "\n".join([part for part in (_aligned(arguments, indent), *blocks) if part])


def _aligned(values: Mapping[str, str], indent: str) -> str:
    width = max(map(len, values), default=0)
    return "".join(f"{indent}{name:<{width}} = {value}\n" for name, value in values.items())


def literal(value: Any) -> str:
    """A text, number, truth value, list or Reference as HCL. What Terraform would fill in is escaped."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value)


def _argument(member: str) -> str:
    """AWS's member in the provider's spelling: S3OutputPath is s3_output_path, VolumeSizeInGB volume_size_in_gb."""
    return _WORD.sub("_", member).lower()
