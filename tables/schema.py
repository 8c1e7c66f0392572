"""How a table's columns became numbers: made with the prepared data, kept with the model, used for predictions."""

from typing import Any

import polars as pl

from common.problems import Problem
from tables.survey import Seen, Survey, cleaned, is_true
from tables.values import FALSE, TRUE, is_missing, is_number


def build(survey: Survey, types: dict[str, str], classes: list[str], task: str) -> dict:
    """The schema as JSON: {"columns": [{"name", "type", "role", "kind", "values"?}], "features", "target", "task",
    "classes", "rows"}. `features` names the columns sent to the algorithm, in order; "values" are a category's, which
    become one column each.
    """
    columns: list[dict] = []
    for seen in survey.columns.values():
        column: dict[str, Any] = {"name": seen.name, "type": types.get(seen.name, ""), "kind": seen.kind}
        column["role"] = "target" if seen.name == survey.target else "feature"
        if column["role"] == "target":
            column["classes"] = classes
        elif seen.kind == "category":
            column["values"] = sorted(seen.values or ())
        columns.append(column)
    names = [name for column in columns if column["role"] == "feature" for name in _feature_names(column)]
    return {
        "columns": columns,
        "features": names,
        "target": survey.target,
        "task": task,
        "classes": classes,
        "rows": survey.rows,
    }


def class_names(target: Seen) -> list[str]:
    """The labels in order: as numbers when all are, else as words. Two spellings of one number are one label."""
    values = list(target.values or ())
    if target.kind == "number":
        return [f"{value:.12g}" for value in sorted({float(value) for value in values})]
    if target.kind == "boolean":
        return sorted(values, key=lambda value: (value.lower() in TRUE, value))
    return sorted(values)


def label(name: str, kind: str, classes: list[str]) -> pl.Expr:
    """The target cell as the number the algorithm learns: the label's place among `classes`, or the number itself."""
    cell = cleaned(name)
    if not classes:
        return _as_number(cell)
    if kind == "number":
        places = {float(value): str(place) for place, value in enumerate(classes)}
        cell = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
        return cell.replace_strict(places, default=None, return_dtype=pl.String)
    return cell.replace_strict({v: str(i) for i, v in enumerate(classes)}, default=None, return_dtype=pl.String)


def features(schema: dict) -> list[pl.Expr]:
    """The feature cells as text, in the order of schema["features"]; numbers keep the digits they were written with."""
    made = []
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        cell = cleaned(column["name"])
        if column["kind"] == "number":
            made.append(_as_number(cell).alias(column["name"]))
        elif column["kind"] == "boolean":
            made.append(is_true(cell).cast(pl.Int8).cast(pl.String).alias(column["name"]))
        else:
            for value, name in zip(column["values"], _feature_names(column), strict=True):
                made.append((cell == value).fill_null(False).cast(pl.Int8).cast(pl.String).alias(name))
    return made


def csv_row(schema: dict, values: dict[str, str]) -> str:
    """One line of CSV for an endpoint, from {column: text}; a column left out or empty is missing.

    Raises Problem(field=<the column's name>).
    """
    cells = []
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        text = values.get(column["name"], "").strip()
        if column["kind"] == "category":
            if not is_missing(text) and text not in column["values"]:
                raise Problem(f"{column['name']} must be one of {', '.join(column['values'])}.", column["name"])
            cells += [str(int(text == value)) for value in column["values"]]
        elif is_missing(text):
            cells.append("")
        elif column["kind"] == "boolean":
            if text.lower() not in TRUE + FALSE + ("0", "1"):
                raise Problem(f"{column['name']} must be true or false.", column["name"])
            cells.append(str(int(text.lower() in (*TRUE, "1"))))
        else:
            if not is_number(text):
                raise Problem(f"{column['name']} must be a number, for example 3.5.", column["name"])
            cells.append(text)
    return ",".join(cells)


def prediction(schema: dict, answer: str) -> tuple[str, float | None]:
    """(label or number, confidence 0 to 1) from one line of an endpoint's CSV; confidence None when it has none."""
    scores = [float(cell) for cell in answer.strip().split(",")]
    classes = schema.get("classes") or []
    if len(scores) > 1 and len(scores) == len(classes):
        best = max(range(len(scores)), key=scores.__getitem__)
        return classes[best], scores[best]
    if len(classes) == 2 and 0 <= scores[0] <= 1:
        place = int(scores[0] >= 0.5)
        return classes[place], scores[0] if place else 1 - scores[0]
    if classes and scores[0] == int(scores[0]) and 0 <= scores[0] < len(classes):
        return classes[int(scores[0])], None  # multi:softmax answers the class itself
    return f"{scores[0]:g}", None


def _feature_names(column: dict) -> list[str]:
    return [f"{column['name']}={value}" for value in column["values"]] if "values" in column else [column["name"]]


def _as_number(cell: pl.Expr) -> pl.Expr:
    return cell.str.strip_prefix("+")
