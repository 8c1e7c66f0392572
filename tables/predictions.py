"""What an endpoint answered, in the table's own words, whatever algorithm it was. Needs no library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import algorithms
from algorithms.spec import Answer


@dataclass(frozen=True)
class Reading:
    """One row's answer; what the algorithm does not say is None or empty.

    `probability` is the label's own, 0 to 1. `classes` are (label, probability), the likeliest first. `score` is an
    anomaly score, or a class's score that is no probability; `distance` goes from the row to its `cluster`.
    """

    label: str | None = None
    probability: float | None = None
    value: float | None = None
    cluster: int | None = None
    distance: float | None = None
    score: float | None = None
    projection: list[float] | None = None
    classes: list[tuple[str, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Only what there is; classes as {label: probability}."""
        told = {
            name: getattr(self, name)
            for name in ("label", "probability", "value", "cluster", "distance", "score", "projection")
            if getattr(self, name) is not None
        }
        return told | ({"probabilities": dict(self.classes)} if self.classes else {})


def read(schema: Mapping[str, Any], body: bytes | str, content_type: str = "application/json") -> list[Reading]:
    """The answer to each row of a request. Raises ValueError for what is no answer of any of our algorithms."""
    text = body if isinstance(body, str) else body.decode()
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/csv":
        rows = [[float(cell) for cell in line.split(",")] for line in text.strip().splitlines() if line.strip()]
        if not rows:
            raise ValueError("the answer is empty")
        return [_numbers(schema, row) for row in rows]
    if kind in ("application/jsonlines", "application/x-ndjson"):
        return [one for line in text.splitlines() if line.strip() for one in _json(schema, json.loads(line))]
    return _json(schema, json.loads(text))


def with_labels(schema: Mapping[str, Any], body: bytes | str, content_type: str = "application/json") -> bytes:
    """{"predictions": [{"label": "setosa", "probability": 0.98, ...}]} of an algorithm's own answer."""
    return json.dumps({"predictions": [one.as_json() for one in read(schema, body, content_type)]}).encode()


def _json(schema: Mapping[str, Any], told: Any) -> list[Reading]:
    if isinstance(told, Mapping):
        for key in ("predictions", "projections", "scores"):
            if isinstance(told.get(key), list):
                return [_one(schema, item) for item in told[key]]
        if "probabilities" in told:
            return _probabilities(schema, told["probabilities"])
        if "prediction" in told:  # JumpStart's regressions
            numbers = told["prediction"] if isinstance(told["prediction"], list) else [told["prediction"]]
            return [_numbers(schema, row if isinstance(row, list) else [row]) for row in numbers]
        return [_one(schema, told)]
    if isinstance(told, list):
        return [_one(schema, item) for item in told]
    return [_one(schema, told)]


def _probabilities(schema: Mapping[str, Any], told: list) -> list[Reading]:
    rows = told if told and isinstance(told[0], list) else [told]
    if told and not isinstance(told[0], list) and len(told) != len(schema.get("classes") or ()):
        rows = [[value] for value in told]  # a list of one number a row
    return [_numbers(schema, [float(value) for value in row]) for row in rows]


def _one(schema: Mapping[str, Any], item: Any) -> Reading:
    if isinstance(item, bool) or item is None or isinstance(item, str):
        raise ValueError(f"{item!r} is no prediction")
    if isinstance(item, (int, float)):
        return _numbers(schema, [float(item)])
    if isinstance(item, list):
        return _numbers(schema, [float(value) for value in item])
    if "closest_cluster" in item:
        return Reading(cluster=int(_first(item["closest_cluster"])), distance=_maybe(item.get("distance_to_cluster")))
    if "projection" in item:
        return Reading(projection=[float(value) for value in item["projection"]])
    scores = item.get("probabilities", item.get("score"))
    if "predicted_label" in item:
        return _labelled(schema, _first(item["predicted_label"]), scores, item)
    if scores is not None:
        return _numbers(schema, [float(value) for value in (scores if isinstance(scores, list) else [scores])])
    for key in ("predicted_score", "prediction", "value"):
        if key in item:
            return _numbers(schema, [_first(item[key])])
    raise ValueError(f"no prediction among {', '.join(map(str, item))}")


def _labelled(schema: Mapping[str, Any], place: float, scores: Any, item: Mapping[str, Any]) -> Reading:
    """A class with its scores, where the algorithm answers both."""
    names = list(schema.get("classes") or ())
    if not names:
        return Reading(value=place)
    label = names[int(place)] if place == int(place) and 0 <= place < len(names) else f"{place:g}"
    given = (
        [float(value) for value in scores] if isinstance(scores, list) else [] if scores is None else [float(scores)]
    )
    if len(given) == 1 and len(names) == 2:
        if not 0 <= given[0] <= 1:  # a hinge loss has margins, not probabilities
            return Reading(label=label, score=given[0])
        given = [1 - given[0], given[0]]
    if len(given) == len(names) and all(0 <= share <= 1 for share in given):
        return Reading(
            label=label,
            probability=given[names.index(label)] if label in names else None,
            classes=_ranked(names, given),
        )
    return Reading(label=label, score=max(given) if given else None)


def _numbers(schema: Mapping[str, Any], row: list[float]) -> Reading:
    """An answer of bare numbers: what they mean is the algorithm's and the task's to say."""
    if not row:
        raise ValueError("the answer is empty")
    names = list(schema.get("classes") or ())
    known = algorithms.ALGORITHMS.get(schema.get("algorithm", ""))
    answer = known.answer if known else Answer.SCORES
    if answer is Answer.CLUSTER:
        return Reading(cluster=int(row[0]), distance=row[1] if len(row) > 1 else None)
    if answer is Answer.PROJECTION:
        return Reading(projection=row)
    if answer is Answer.ANOMALY_SCORE:
        return Reading(score=row[0])
    if answer is Answer.SCORES_AND_LABEL and names and len(row) in (2, 1 + len(names)):
        return _labelled(schema, row[-1], row[:-1], {})
    if answer is Answer.LABEL and names and len(row) == 1:
        return _labelled(schema, row[0], None, {})
    if len(row) > 1 and len(row) == len(names):
        best = max(range(len(row)), key=row.__getitem__)
        return Reading(label=names[best], probability=row[best], classes=_ranked(names, row))
    if len(names) == 2 and 0 <= row[0] <= 1:
        place = int(row[0] >= 0.5)
        shares = [1 - row[0], row[0]]
        return Reading(label=names[place], probability=shares[place], classes=_ranked(names, shares))
    if names and row[0] == int(row[0]) and 0 <= row[0] < len(names):
        return Reading(label=names[int(row[0])])  # multi:softmax answers the class itself
    if len(names) == 2:
        return Reading(label=names[int(row[0] > 0)], score=row[0])  # binary:logitraw answers a margin
    return Reading(value=row[0])


def _ranked(names: list[str], shares: list[float]) -> list[tuple[str, float]]:
    return sorted(zip(names, shares, strict=True), key=lambda pair: -pair[1])


def _first(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)


def _maybe(value: Any) -> float | None:
    return None if value is None else _first(value)
