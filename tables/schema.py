"""The schema of a model's data: how each column of the table is encoded as numbers.

Preparing the data builds it; it travels with the model and encodes every row that is sent to an endpoint.

JSON: {"version", "algorithm", "score_kind", "columns", "features", "categorical", "target", "task", "classes", "rows",
"train_rows", "validation_rows", "test_rows", "label", "content_type", "has_header", "prepared"}. `features` names the
numbers sent to the algorithm, in order; `categorical` are the positions among them that hold category codes.
`columns` are the table's own, in its order: {"name", "type", "role", "kind", "encoding", "features"} and what the
encoding needs:

number   "numbers": how its cells are written        boolean  1 or 0
one-hot  "values": one column each                   rank     "known": commonest first; the position is the number
code     "values" or "known": as rank, a category    bits     16 columns of -1 or 1 from a hash of the text
bucket   a category of 1,024 codes, from a hash      date     "form", "parts": which of days, year, month, ...
index    "values": one column each, of a sparse      slots    "slots" columns of a sparse record, by a hash
         record; any other text is in none
tfidf    "idf": the words of a text as columns of a sparse record (`tables.text_features`)
target   "known", "means": the label's mean, or the share of each class, over the training rows with that text, and
         their number; "other" of any other text, "missing" of none (`tables.target_statistics`)

"summaries" describe the features over the rows of the table (`tables.column_summary`).

A column's "role" is feature, target, excluded, or weight: how much each row counts.

"missing" are the cells that mean "no value" beside the usual ones; with "unreadable": "missing" every cell does that
cannot be read. "fill" replaces a missing cell that is not left empty; "shift" and "scale" standardise, one number a
feature. "unseen": "refuse" makes a category that the training data did not have an error at an endpoint; otherwise it
is encoded as other: in no column of its own, with the code or the rank after the last, with the mean of all.

Standard library only, because endpoints import it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from algorithms.contract import DataContract
from tables.fit_encodings import fit_encodings
from tables.free_text import expected_features, is_free_text
from tables.parse_scalar import PARTS, TRUE, number_label
from tables.profile import ColumnProfile, Profile
from tables.text_hash import BITS

VERSION = 2
ORIGIN = "origin.json"  # beside a schema.json: {"recipe", "data"}, what the table was made of
MAX_ONE_HOT = 20  # values of a text column that become a column each
MAX_SLOTS = 2**18  # columns of a sparse record that a text is hashed into
MAX_OUTPUTS = 10  # classes up to which a text becomes the share of each
MAX_TEXTS = 10_000  # different texts of a column whose labels are counted
_TYPES = {"boolean": "binary", "datetime": "datetime", "category": "category", "text": "text"}


def build_schema(
    profile: Profile, contract: DataContract, classes: list[str], task: str, excluded: Collection[str] = (),
    lenient: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The schema of the table of `profile` for an algorithm with `contract`.

    `classes` are the labels in order, empty for a number. `excluded` names columns that are not features, `lenient`
    those whose cells count as missing where they cannot be read.
    """
    shares = (classes if len(classes) > 2 else ["mean"]) if profile.target and contract.label else []
    if len(shares) > MAX_OUTPUTS:
        shares = []
    columns = [
        _column(column_profile, profile, contract, classes, excluded, shares) for column_profile in profile.columns
    ]
    for column in columns:
        if column["name"] in lenient and column["kind"] in ("number", "boolean", "datetime"):
            column["unreadable"] = "missing"
    schema = {
        "version": VERSION,
        "columns": columns,
        "features": [],
        "categorical": [],
        "target": profile.target,
        "task": task,
        "classes": classes,
        "label": bool(profile.target) and contract.label,
        "prepared": True,
    }
    fit_schema(schema, {column.name: column for column in profile.columns}, contract)
    return schema


def fit_schema(schema: dict[str, Any], profiles: Mapping[str, ColumnProfile], contract: DataContract) -> None:
    """Fit the encodings of `schema` to the rows that `profiles` describe, and list its features anew."""
    fit_encodings(schema["columns"], profiles, contract)
    used = [column for column in schema["columns"] if column["role"] == "feature"]
    names = [name for column in used for name in column["features"]]
    coded = {name for column in used if column["encoding"] in ("code", "bucket") for name in column["features"]}
    schema["features"] = names
    schema["categorical"] = [position for position, name in enumerate(names) if name in coded]


def passthrough_schema(profile: Profile, classes: list[str], task: str, label: bool) -> dict[str, Any]:
    """The schema of objects that go to the algorithm unchanged: the label first, then numbers by position."""
    columns: list[dict[str, Any]] = []
    for position, column_profile in enumerate(profile.columns):
        column: dict[str, Any] = {
            "name": column_profile.name,
            "type": _type_of(column_profile),
            "kind": "number",
            "role": "feature",
        }
        if label and not position:
            columns.append(column | {"role": "target", "kind": column_profile.kind, "classes": classes})
        else:
            columns.append(column | {"encoding": "number", "features": [column_profile.name]})
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
    """The labels in order, as numbers when all are numbers.

    Numbers that have one `number_label`, such as 1 and 1.0, are one label.
    """
    values = list(target.values or ())
    if target.kind == "number":
        return sorted({number_label(value) for value in values} - {""}, key=lambda name: (float(name), name))
    if target.kind == "boolean":
        return sorted(values, key=lambda value: (value.lower() in TRUE, value))
    return sorted(values)


def encoding_of(column: Mapping[str, Any]) -> str:
    """The column's encoding; in a schema of version 1, which has none, by the column's kind."""
    return column.get("encoding") or {"category": "one-hot", "boolean": "boolean"}.get(column["kind"], "number")


def feature_names(column: Mapping[str, Any]) -> list[str]:
    """The names of the features that the column becomes."""
    if "features" in column:
        return list(column["features"])
    return [f"{column['name']}={value}" for value in column["values"]] if "values" in column else [column["name"]]


def _column(
    column_profile: ColumnProfile,
    profile: Profile,
    contract: DataContract,
    classes: list[str],
    excluded: Collection[str],
    shares: list[str],
) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": column_profile.name,
        "type": _type_of(column_profile),
        "kind": column_profile.kind,
        "role": "feature",
    }
    if column_profile.numbers_as:
        column["numbers"] = column_profile.numbers_as
    if column_profile.markers:
        column["missing"] = sorted(column_profile.markers)
    if column_profile.name == profile.target:
        return (
            column
            | {"role": "target", "classes": classes}
            | ({"form": column_profile.dates} if column_profile.dates else {})
        )
    if column_profile.name in excluded:
        return column | {"role": "excluded"}
    return column | _encode_column(column_profile, contract, shares)


def _encode_column(column_profile: ColumnProfile, contract: DataContract, shares: list[str]) -> dict[str, Any]:
    """The column's encoding without what `fit_encodings` sets."""
    name = column_profile.name
    if column_profile.kind in ("number", "boolean"):
        return {"encoding": column_profile.kind, "features": [name]}
    if column_profile.kind == "datetime":
        parts = PARTS if column_profile.timed else PARTS[:-1]
        return {
            "encoding": "date", "form": column_profile.dates or "iso", "parts": list(parts),
            "features": [f"{name}.{part}" for part in parts],
        }  # fmt: skip
    return _encode_text(column_profile, contract, shares)


def repeats(column_profile: ColumnProfile) -> bool:
    """True if the texts of a column are few enough, and each in rows enough, to learn something of each."""
    return column_profile.distinct <= min(MAX_TEXTS, column_profile.present // 2)


def needs_training_rows(schema: Mapping[str, Any]) -> bool:
    """True if some feature is encoded by what no profile has: the labels or the words of the training rows."""
    return any(c["role"] == "feature" and encoding_of(c) in ("target", "tfidf") for c in schema["columns"])


def _encode_text(column_profile: ColumnProfile, contract: DataContract, shares: list[str]) -> dict[str, Any]:
    name, values = column_profile.name, column_profile.values
    few = values is not None and len(values) <= MAX_ONE_HOT
    if is_free_text(column_profile):
        if not contract.categories.endswith("sparse"):
            return {"role": "excluded"}
        count = expected_features(column_profile)
        return {
            "encoding": "tfidf", "idf": "", "words": round(column_profile.words, 1),
            "features": [f"{name}#{n}" for n in range(1, count + 1)],
        }  # fmt: skip
    if contract.categories == "native":
        if values is None:
            return {"encoding": "bucket", "features": [name]}
        return {"encoding": "code", "values" if few else "known": [], "features": [name]}
    if contract.categories == "sparse" or (contract.categories == "one-hot-sparse" and not few):
        if values is not None:
            return {"encoding": "index", "values": [], "features": []}
        # Eight for each text: one of sixteen then shares a column with another.
        count = min(MAX_SLOTS, 2 ** (8 * max(1, column_profile.distinct)).bit_length())
        return {"encoding": "slots", "slots": count, "features": [f"{name}#{n}" for n in range(count)]}
    if few:
        return {"encoding": "one-hot", "values": [], "features": []}
    if shares and repeats(column_profile):
        counted = contract.missing == "native"  # trees can use how frequent a text is; sums and distances cannot
        names = [f"{name}~{share}" for share in shares]
        return {"encoding": "target", "counted": counted, "features": names + [f"{name}~rows"] * counted}
    if values is None or contract.scale:
        return {"encoding": "bits", "features": [f"{name}#{bit}" for bit in range(1, BITS + 1)]}
    return {"encoding": "rank", "known": [], "features": [name]}


def _type_of(column_profile: ColumnProfile) -> str:
    if column_profile.kind == "number":
        return "int" if column_profile.whole else "float"
    return _TYPES[column_profile.kind]
