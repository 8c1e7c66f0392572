"""How a table's columns become numbers: decided when the data is prepared, kept with the model, used for every row.

JSON: {"version", "algorithm", "columns", "features", "categorical", "target", "task", "classes", "rows",
"train_rows", "validation_rows", "label", "content_type", "has_header", "prepared"}. `features` names the numbers sent
to the algorithm, in order; `categorical` are the places among them that hold codes. `columns` are the table's own, in
its order: {"name", "type", "role", "kind", "encoding", "features"} and what the encoding needs:

number   "numbers": how its cells are written        boolean  1 or 0
one-hot  "values": one column each                   rank     "known": commonest first; the place is the number
code     "values" or "known": as rank, a category    bits     16 columns of -1 or 1 from a hash of the text
bucket   a category of 1,024 codes, from a hash      date     "form", "parts": which of days, year, month, ...

"fill" is what a missing cell becomes, if it is not left empty; "shift" and "scale" standardise, a number a feature.
Standard library only: endpoints import it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from algorithms.contract import DataContract
from tables.parse_scalar import BITS, PARTS, TRUE
from tables.profile import ColumnProfile, Profile

VERSION = 2
MOST_ONE_HOT = 20  # values of a text column that become a column each
_TYPES = {"boolean": "binary", "datetime": "datetime", "category": "category", "text": "text"}
_DAY = 86400
# Mean and spread of what a date has besides its day and year, all of it equally likely.
_CYCLES = {"month": (6.5, 3.452), "weekday": (3.0, 2.0), "hour": (11.5, 6.922)}


def build(
    profile: Profile, contract: DataContract, classes: list[str], task: str, excluded: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The schema for preparing the table of `profile`; `classes` are the labels in order, none for a number."""
    columns = [_column(seen, profile, contract, classes, excluded) for seen in profile.columns]
    if contract.scale and _worth_scaling(columns, profile):
        for column in columns:
            _standardise(column, profile)
    used = [column for column in columns if column["role"] == "feature"]
    names = [name for column in used for name in column["features"]]
    coded = {name for column in used if column["encoding"] in ("code", "bucket") for name in column["features"]}
    return {
        "version": VERSION,
        "columns": columns,
        "features": names,
        "categorical": [place for place, name in enumerate(names) if name in coded],
        "target": profile.target,
        "task": task,
        "classes": classes,
        "label": bool(profile.target) and contract.label,
        "prepared": True,
    }


def as_they_are(profile: Profile, classes: list[str], task: str, label: bool) -> dict[str, Any]:
    """The schema of objects that go to the algorithm unchanged: the label first, the others numbers by position."""
    columns: list[dict[str, Any]] = []
    for place, seen in enumerate(profile.columns):
        column: dict[str, Any] = {"name": seen.name, "type": _type(seen), "kind": "number", "role": "feature"}
        if label and not place:
            columns.append(column | {"role": "target", "kind": seen.kind, "classes": classes})
        else:
            columns.append(column | {"encoding": "number", "features": [seen.name]})
    return {
        "version": VERSION,
        "columns": columns,
        "features": [column["name"] for column in columns if column["role"] == "feature"],
        "categorical": [],
        "target": profile.columns[0].name if label and profile.columns else "",
        "task": task,
        "classes": classes,
        "label": label,
        "prepared": False,
    }


def class_names(target: ColumnProfile) -> list[str]:
    """The labels in order: as numbers when all are, else as words. Two spellings of one number are one label."""
    values = list(target.values or ())
    if target.kind == "number":
        return [f"{value:.12g}" for value in sorted({float(value) for value in values if _is_float(value)})]
    if target.kind == "boolean":
        return sorted(values, key=lambda value: (value.lower() in TRUE, value))
    return sorted(values)


def encoding(column: Mapping[str, Any]) -> str:
    """The column's encoding; of a schema kept by an earlier version, by its kind."""
    return column.get("encoding") or {"category": "one-hot", "boolean": "boolean"}.get(column["kind"], "number")


def feature_names(column: Mapping[str, Any]) -> list[str]:
    if "features" in column:
        return list(column["features"])
    return [f"{column['name']}={value}" for value in column["values"]] if "values" in column else [column["name"]]


def _column(
    seen: ColumnProfile, profile: Profile, contract: DataContract, classes: list[str], excluded: tuple[str, ...]
) -> dict[str, Any]:
    column: dict[str, Any] = {"name": seen.name, "type": _type(seen), "kind": seen.kind, "role": "feature"}
    if seen.numbers_as:
        column["numbers"] = seen.numbers_as
    if seen.name == profile.target:
        return column | {"role": "target", "classes": classes} | ({"form": seen.dates} if seen.dates else {})
    if seen.name in excluded:
        return column | {"role": "excluded"}
    return column | _encoded(seen, contract)


def _encoded(seen: ColumnProfile, contract: DataContract) -> dict[str, Any]:
    filled = contract.missing == "filled"
    one: dict[str, Any] = {"features": [seen.name]}
    if seen.kind == "number":
        fill = {"fill": seen.mean if seen.mean is not None else 0.0} if filled else {}
        return {"encoding": "number"} | one | fill
    if seen.kind == "boolean":
        values = seen.values or {}
        yes = sum(count for value, count in values.items() if value.lower() in (*TRUE, "1"))
        return {"encoding": "boolean"} | one | ({"fill": float(2 * yes >= sum(values.values()))} if filled else {})
    if seen.kind == "datetime":
        parts = PARTS if seen.timed else PARTS[:-1]
        names = {"parts": list(parts), "features": [f"{seen.name}.{part}" for part in parts]}
        return (
            {"encoding": "date", "form": seen.dates or "iso"}
            | names
            | ({"fill": int(seen.mean or 0)} if filled else {})
        )
    return _worded(seen, contract)


def _worded(seen: ColumnProfile, contract: DataContract) -> dict[str, Any]:
    values = seen.values
    ranked = sorted(values, key=lambda value: (-values[value], value)) if values is not None else []
    fill = {"fill": ranked[0]} if contract.missing == "filled" and ranked else {}
    one: dict[str, Any] = {"features": [seen.name]}
    if contract.categories == "native":
        if values is None:
            return {"encoding": "bucket"} | one | fill
        return {"encoding": "code", "values" if len(ranked) <= MOST_ONE_HOT else "known": ranked} | one | fill
    if values is not None and len(ranked) <= MOST_ONE_HOT:
        ordered = sorted(ranked)
        return {"encoding": "one-hot", "values": ordered, "features": [f"{seen.name}={v}" for v in ordered]} | fill
    if values is None or contract.scale:
        names = [f"{seen.name}#{bit}" for bit in range(1, BITS + 1)]
        return {"encoding": "bits", "features": names} | (
            {"fill": ranked[0] if ranked else ""} if contract.missing == "filled" else {}
        )
    return {"encoding": "rank", "known": ranked} | one | fill


def _type(seen: ColumnProfile) -> str:
    if seen.kind == "number":
        return "int" if seen.whole else "float"
    return _TYPES[seen.kind]


def _worth_scaling(columns: list[dict[str, Any]], profile: Profile) -> bool:
    """Is some column of quite another size than the others? What is standardised already is left alone."""
    for column in columns:
        if column["role"] == "feature":
            seen = profile.column(column["name"])
            if column["encoding"] in ("rank", "date"):
                return True
            sized = column["encoding"] == "number" and seen is not None and seen.std
            if seen and sized and (not 0.5 <= sized <= 2 or abs(seen.mean or 0) > 2):
                return True
    return False


def _standardise(column: dict[str, Any], profile: Profile) -> None:
    seen = profile.column(column["name"])
    if column["role"] != "feature" or seen is None:
        return
    if column["encoding"] == "number":
        column["shift"], column["scale"] = [seen.mean or 0.0], [seen.std or 1.0]
    elif column["encoding"] == "rank":
        counts = [(seen.values or {}).get(value, 0) for value in column["known"]]
        total = sum(counts) or 1
        mean = sum(place * count for place, count in enumerate(counts)) / total
        spread = math.sqrt(sum(count * (place - mean) ** 2 for place, count in enumerate(counts)) / total)
        column["shift"], column["scale"] = [mean], [spread or 1.0]
    elif column["encoding"] == "date":
        day, spread = (seen.mean or 0.0) / _DAY, (seen.std or 0.0) / _DAY
        sizes = _CYCLES | {"days": (day, spread or 1.0), "year": (1970 + day / 365.2425, spread / 365.2425 or 1.0)}
        column["shift"] = [sizes[part][0] for part in column["parts"]]
        column["scale"] = [sizes[part][1] for part in column["parts"]]


def _is_float(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False
