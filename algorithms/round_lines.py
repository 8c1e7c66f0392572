"""Parts of the log lines in which boosting libraries report a round. CloudWatch shows their tab as `#011`."""

import re

TAB, END = r"(?:#011|\t)", r"(?=#011|\t|\s*$)"
_PARTS = {"val": "validation", "valid": "validation", "training": "train", "learn": "train", "test": "validation"}


def part(name: str) -> str:
    """`train` or `validation` for a library's own name of that part of the data; any other name as it is."""
    return _PARTS.get(name, name)


def values(pattern: str, line: re.Match[str]) -> list[re.Match[str]]:
    """Each value in the group `values` of a matched line."""
    return list(re.finditer(pattern, line["values"]))
