"""Regular expression parts for the round lines of boosting libraries. CloudWatch shows their tab as `#011`."""

import re

TAB, END = r"(?:#011|\t)", r"(?=#011|\t|\s*$)"
_PARTS = {"val": "validation", "valid": "validation", "training": "train", "learn": "train", "test": "validation"}


def channel_of_part(name: str) -> str:
    """Return `train` or `validation` for a library's name of the data set, any other name unchanged."""
    return _PARTS.get(name, name)


def find_values(pattern: str, line: re.Match[str]) -> list[re.Match[str]]:
    """Return the matches of `pattern` in the group `values` of a matched line."""
    return list(re.finditer(pattern, line["values"]))
