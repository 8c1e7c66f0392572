"""Reads the response of any algorithm's endpoint as predictions with the labels of the table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import algorithms
from algorithms.predictor import Predictor
from algorithms.score_kind import ScoreKind, score_kind_of_task
from algorithms.spec import PredictionKind

SCORE_KIND = "score_kind"  # of a schema: what a model's scores mean (`algorithms.score_kind`)
THRESHOLD = "threshold"  # of a schema: the score from which on a row gets the second of two classes


@dataclass(frozen=True)
class Prediction:
    """The prediction for one row; fields that the algorithm does not answer are None or empty.

    `probability` is that of `label`, 0 to 1. `classes` are (label, probability), most likely first. `score` is an
    anomaly score, or a class's score that is not a probability; `distance` is from the row to its cluster's center.
    `threshold` is the anomaly score that the share `quantile` of the training rows does not pass; `anomaly` says
    whether the row does. Beside a label it is the score of the second class from which on a row gets that class, where
    a person keeps one with the model.
    """

    label: str | None = None
    probability: float | None = None
    value: float | None = None
    cluster: int | None = None
    distance: float | None = None
    score: float | None = None
    projection: list[float] | None = None
    anomaly: bool | None = None
    threshold: float | None = None
    quantile: float | None = None
    classes: list[tuple[str, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The fields that have a value; classes as "probabilities", {label: probability}."""
        fields = {
            name: getattr(self, name)
            for name in (
                "label",
                "probability",
                "value",
                "cluster",
                "distance",
                "score",
                "projection",
                "anomaly",
                "threshold",
                "quantile",
            )
            if getattr(self, name) is not None
        }
        return fields | ({"probabilities": dict(self.classes)} if self.classes else {})


def parse_response(
    schema: Mapping[str, Any], body: bytes | str, content_type: str = "application/json"
) -> list[Prediction]:
    """The prediction for each row of a request, from the body of its response.

    `schema` is described in `tables.schema`; its "algorithm" and SCORE_KIND say what bare numbers mean, and its
    THRESHOLD, if it has one, which of two classes a score is; without one it is as the algorithm decides. Raises
    ValueError for a body that no algorithm of the catalogue answers.
    """
    text = body if isinstance(body, str) else body.decode()
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/csv":
        rows = [[float(cell) for cell in line.split(",")] for line in text.strip().splitlines() if line.strip()]
        if not rows:
            raise ValueError("the answer is empty")
        return [_numbers(schema, row) for row in rows]
    if kind in ("application/jsonlines", "application/x-ndjson"):
        documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [prediction for document in documents for prediction in _json(schema, document)]
    return _json(schema, json.loads(text))


def label_response(schema: Mapping[str, Any], body: bytes | str, content_type: str = "application/json") -> bytes:
    """{"predictions": [{"label": "setosa", "probability": 0.98, ...}]} from an algorithm's own response body."""
    labelled = [prediction.as_json() for prediction in parse_response(schema, body, content_type)]
    return json.dumps({"predictions": labelled}).encode()


def join_labelled(responses: Sequence[bytes]) -> bytes:
    """The response to several rows, one after another, from those of `label_response` to some of them each."""
    if len(responses) == 1:
        return responses[0]
    before, after = b'{"predictions": [', b"]}"
    return before + b", ".join([response[len(before) : -len(after)] for response in responses]) + after


def answer_schema(schema: Mapping[str, Any], predictor: Predictor) -> dict[str, Any]:
    """`schema` with what the loaded model says of its own answers."""
    kind = {SCORE_KIND: predictor.score_kind.value} if predictor.score_kind else {}
    return {"score_quantiles": predictor.score_quantiles, **schema, **kind}


def score_kind_of(schema: Mapping[str, Any]) -> ScoreKind:
    """What the scores of a model with `schema` mean.

    A schema of an earlier version does not say it: then it is what its algorithm answers unless it is told otherwise.
    """
    if SCORE_KIND in schema:
        return ScoreKind(schema[SCORE_KIND])
    if algorithm := algorithms.ALGORITHMS.get(schema.get("algorithm", "")):
        return algorithm.score_kind({}, schema.get("task", "") or _task_of_classes(schema))
    return score_kind_of_task({}, _task_of_classes(schema))


def are_shares(schema: Mapping[str, Any]) -> bool:
    """True if the scores of classes are probabilities, or the votes beside an algorithm's class."""
    return score_kind_of(schema) is ScoreKind.PROBABILITY or _prediction_kind(schema) is PredictionKind.LABEL


def _task_of_classes(schema: Mapping[str, Any]) -> str:
    return {0: "regression", 2: "binary"}.get(len(schema.get("classes") or ()), "multiclass")


def _json(schema: Mapping[str, Any], document: Any) -> list[Prediction]:
    if isinstance(document, Mapping):
        for key in ("predictions", "projections", "scores"):
            if isinstance(document.get(key), list):
                return [_one(schema, item) for item in document[key]]
        if "probabilities" in document:
            return _probabilities(schema, document["probabilities"])
        if "prediction" in document:  # JumpStart's regressions
            values = document["prediction"]
            numbers = values if isinstance(values, list) else [values]
            return [_numbers(schema, row if isinstance(row, list) else [row]) for row in numbers]
        return [_one(schema, document)]
    if isinstance(document, list):
        return [_one(schema, item) for item in document]
    return [_one(schema, document)]


def _probabilities(schema: Mapping[str, Any], shares: list) -> list[Prediction]:
    rows = shares if shares and isinstance(shares[0], list) else [shares]
    if shares and not isinstance(shares[0], list) and len(shares) != len(schema.get("classes") or ()):
        rows = [[value] for value in shares]  # a list of one number a row
    return [_numbers(schema, [float(value) for value in row]) for row in rows]


def _one(schema: Mapping[str, Any], item: Any) -> Prediction:
    if isinstance(item, bool) or item is None or isinstance(item, str):
        raise ValueError(f"{item!r} is no prediction")
    if isinstance(item, (int, float)):
        return _numbers(schema, [float(item)])
    if isinstance(item, list):
        return _numbers(schema, [float(value) for value in item])
    if "closest_cluster" in item:
        return Prediction(
            cluster=int(_first(item["closest_cluster"])), distance=_maybe(item.get("distance_to_cluster"))
        )
    if "projection" in item:
        return Prediction(projection=[float(value) for value in item["projection"]])
    scores = item.get("probabilities", item.get("score"))
    if "predicted_label" in item:
        neighbours = item.get("labels")  # k-NN's
        if _prediction_kind(schema) is PredictionKind.LABEL and neighbours and schema.get("classes"):
            scores = [neighbours.count(index) / len(neighbours) for index in range(len(schema["classes"]))]
        return _labelled(schema, _first(item["predicted_label"]), scores)
    if scores is not None:
        return _numbers(schema, [float(value) for value in (scores if isinstance(scores, list) else [scores])])
    for key in ("predicted_score", "prediction", "value"):
        if key in item:
            return _numbers(schema, [_first(item[key])])
    raise ValueError(f"no prediction among {', '.join(map(str, item))}")


def _labelled(schema: Mapping[str, Any], index: float, scores: Any) -> Prediction:
    """A class with its scores, where the algorithm answers both."""
    names = list(schema.get("classes") or ())
    if not names:
        return Prediction(value=index)
    label = names[int(index)] if index.is_integer() and 0 <= index < len(names) else f"{index:g}"
    values = [] if scores is None else [float(value) for value in (scores if isinstance(scores, list) else [scores])]
    shares = _shares(schema, names, values)
    if shares and len(names) == 2 and THRESHOLD in schema:
        return _of_two(schema, names, shares)
    if shares:
        share = shares[names.index(label)] if label in names else None
        return Prediction(label=label, probability=share, classes=_ranked(names, shares))
    if len(values) == 1 and len(names) == 2:
        return _of_margin(schema, names, values[0], label)
    return Prediction(label=label, score=max(values) if values else None)


def _numbers(schema: Mapping[str, Any], row: list[float]) -> Prediction:
    """The prediction of bare numbers, whose meaning the algorithm declares (`Answer`)."""
    if not row:
        raise ValueError("the answer is empty")
    names, kind = list(schema.get("classes") or ()), _prediction_kind(schema)
    if kind is PredictionKind.CLUSTER:
        return Prediction(cluster=int(row[0]), distance=row[1] if len(row) > 1 else None)
    if kind is PredictionKind.PROJECTION:
        return Prediction(projection=row)
    if kind is PredictionKind.ANOMALY_SCORE:
        return _anomaly(schema, row[0])
    if kind is PredictionKind.SCORES_AND_LABEL and names and len(row) in (2, 1 + len(names)):
        return _labelled(schema, row[-1], row[:-1])
    if kind is PredictionKind.LABEL and names and len(row) == 1:
        return _labelled(schema, row[0], None)
    return _scores(schema, names, row) if names else Prediction(value=row[0])


def _scores(schema: Mapping[str, Any], names: list[str], row: list[float]) -> Prediction:
    """The class of a score, or of one for each class."""
    if shares := _shares(schema, names, row):
        if len(names) == 2 and (len(row) == 1 or THRESHOLD in schema):
            return _of_two(schema, names, shares)
        best = max(range(len(shares)), key=shares.__getitem__)
        return Prediction(label=names[best], probability=shares[best], classes=_ranked(names, shares))
    if len(row) == len(names):
        return Prediction(label=names[max(range(len(row)), key=row.__getitem__)], score=max(row))
    kind = score_kind_of(schema)
    if len(names) == 2 and kind in (ScoreKind.MARGIN, ScoreKind.PROBABILITY):
        return _of_margin(schema, names, row[0], names[int(row[0] > 0)])
    if kind is ScoreKind.VALUE and math.isfinite(row[0]):  # the class whose position is the nearest
        return Prediction(label=names[int(min(max(row[0], 0.0), len(names) - 1) + 0.5)], value=row[0])
    if row[0].is_integer() and 0 <= row[0] < len(names):
        return Prediction(label=names[int(row[0])])
    return Prediction(value=row[0])


def _shares(schema: Mapping[str, Any], names: list[str], scores: list[float]) -> list[float]:
    """The probability of each class by `scores`; [] if they are no probabilities."""
    if not are_shares(schema) or not all(0 <= score <= 1 for score in scores):
        return []
    if len(scores) == 1 and len(names) == 2:
        return [1 - scores[0], scores[0]]
    return scores if len(scores) == len(names) else []


def _prediction_kind(schema: Mapping[str, Any]) -> PredictionKind:
    algorithm = algorithms.ALGORITHMS.get(schema.get("algorithm", ""))
    return algorithm.prediction_kind if algorithm else PredictionKind.SCORES


def _of_two(schema: Mapping[str, Any], names: list[str], shares: list[float]) -> Prediction:
    """The second of two classes from the threshold on; one half unless another is kept with the model."""
    index = int(shares[1] >= schema.get(THRESHOLD, 0.5))
    return Prediction(
        label=names[index], probability=shares[index], classes=_ranked(names, shares), threshold=schema.get(THRESHOLD)
    )


def _of_margin(schema: Mapping[str, Any], names: list[str], score: float, otherwise: str) -> Prediction:
    """The class of a score that is no probability; `otherwise` unless a threshold is kept with the model."""
    threshold = schema.get(THRESHOLD)
    label = otherwise if threshold is None else names[int(score >= threshold)]
    return Prediction(label=label, score=score, threshold=threshold)


def _anomaly(schema: Mapping[str, Any], score: float) -> Prediction:
    """The score of a row, beside the threshold at the highest of the schema's "score_quantiles", if it has any."""
    quantiles = {float(quantile): float(value) for quantile, value in (schema.get("score_quantiles") or {}).items()}
    if not quantiles:
        return Prediction(score=score)
    highest = max(quantiles)
    threshold = quantiles[highest]
    return Prediction(score=score, anomaly=score > threshold, threshold=threshold, quantile=highest)


def _ranked(names: list[str], shares: list[float]) -> list[tuple[str, float]]:
    return sorted(zip(names, shares, strict=True), key=lambda pair: -pair[1])


def _first(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)


def _maybe(value: Any) -> float | None:
    return None if value is None else _first(value)
