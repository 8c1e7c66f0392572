"""Fits the encodings of a schema to rows: fill values, categories in order, mean and standard deviation.

Rows held out must not be among them: a model that is validated on rows that its encodings have seen looks better than
it is (data leakage). Standard library only, because `tables.schema` is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from algorithms.contract import DataContract
from tables.parse_scalar import TRUE
from tables.profile import ColumnProfile

CATEGORIES = ("one-hot", "index", "rank", "code")  # encodings that list the texts they know
_DAY = 86400
# Mean and standard deviation of month, weekday and hour when all are equally likely.
_CYCLES = {"month": (6.5, 3.452), "weekday": (3.0, 2.0), "hour": (11.5, 6.922)}


def depends_on_rows(columns: Iterable[Mapping[str, Any]]) -> bool:
    """True if some encoding of a schema's columns would be another one for other rows of the table."""
    features = (column for column in columns if column["role"] == "feature")
    return any("fill" in c or "shift" in c or c["encoding"] in (*CATEGORIES, "target") for c in features)


def fit_encodings(
    columns: Iterable[dict[str, Any]], profiles: Mapping[str, ColumnProfile], contract: DataContract
) -> None:
    """Set in the features among a schema's columns what comes from the rows of `profiles`; repeatable with others.

    A text none of which is in the rows becomes no feature: the column is excluded.
    """
    features = [column for column in columns if column["role"] == "feature"]
    for column in features:
        _fit(column, profiles[column["name"]], contract.missing == "filled")
    features = [column for column in features if column["role"] == "feature"]
    scaled = contract.scale and _needs_scaling(features, profiles)
    for column in features:
        column.pop("shift", None)
        column.pop("scale", None)
        if scaled:
            _standardise(column, profiles[column["name"]])


def _fit(column: dict[str, Any], profile: ColumnProfile, filled: bool) -> None:
    name, encoding, values = column["name"], column["encoding"], profile.values
    ranked = sorted(values, key=lambda value: (-values[value], value)) if values is not None else []
    fill: Any = None
    if encoding == "number":
        fill = profile.mean if profile.mean is not None else 0.0
    elif encoding == "boolean":
        true_count = sum(count for value, count in (values or {}).items() if value.lower() in (*TRUE, "1"))
        fill = float(2 * true_count >= sum((values or {}).values()))
    elif encoding == "date":
        fill = int(profile.mean or 0)
    elif encoding in CATEGORIES:
        if not ranked and encoding in ("one-hot", "index"):
            column |= {"role": "excluded", "features": []}
            return
        ordered = sorted(ranked) if encoding == "one-hot" else ranked
        column["known" if "known" in column else "values"] = ordered
        if encoding in ("one-hot", "index"):
            column["features"] = [f"{name}={value}" for value in ordered]
        fill = ranked[0] if ranked and encoding != "index" else None
    elif encoding == "bits":
        fill = ranked[0] if ranked else ""
    column.pop("fill", None)
    if filled and fill is not None:
        column["fill"] = fill


def _needs_scaling(features: Iterable[Mapping[str, Any]], profiles: Mapping[str, ColumnProfile]) -> bool:
    """True if some feature is not about standardised: mean within 2 of 0 and deviation from 0.5 to 2."""
    for column in features:
        profile = profiles[column["name"]]
        if column["encoding"] in ("rank", "date", "target"):
            return True
        sized = column["encoding"] == "number" and profile.std
        if sized and (not 0.5 <= sized <= 2 or abs(profile.mean or 0) > 2):
            return True
    return False


def _standardise(column: dict[str, Any], profile: ColumnProfile) -> None:
    if column["encoding"] == "number":
        column["shift"], column["scale"] = [profile.mean or 0.0], [profile.std or 1.0]
    elif column["encoding"] == "rank":
        counts = [(profile.values or {}).get(value, 0) for value in column["known"]]
        total = sum(counts) or 1
        mean = sum(position * count for position, count in enumerate(counts)) / total
        spread = math.sqrt(sum(count * (position - mean) ** 2 for position, count in enumerate(counts)) / total)
        column["shift"], column["scale"] = [mean], [spread or 1.0]
    elif column["encoding"] == "target":
        column["scale"] = []  # `TargetStatistics` has the numbers
    elif column["encoding"] == "date":
        day, spread = (profile.mean or 0.0) / _DAY, (profile.std or 0.0) / _DAY
        sizes = _CYCLES | {"days": (day, spread or 1.0), "year": (1970 + day / 365.2425, spread / 365.2425 or 1.0)}
        column["shift"] = [sizes[part][0] for part in column["parts"]]
        column["scale"] = [sizes[part][1] for part in column["parts"]]
