"""A model's card as the Content of SageMaker's CreateModelCard, by AWS's model card JSON schema.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html has the schema; its limits are kept here, because AWS
refuses a card beyond them. Sentences are in English: the file is for a service.
"""

from __future__ import annotations

from typing import Any

from django.utils import translation

import algorithms
from models_app.catalog.card.content import Card, card_of
from models_app.catalog.provenance import provenance_of
from models_app.models import Evaluation, Model

TEXT, LONG, VALUE, OBSERVATION = 1024, 2048, 255, 2096  # characters
MAX_METRICS, MAX_HYPERPARAMETERS, MAX_DATASETS, MAX_CLASSES = 50, 100, 10, 20
PROBLEMS = {
    "binary": "Binary Classification", "multiclass": "Multiclass Classification", "regression": "Regression",
}  # fmt: skip


def content_of(model: Model, evaluation: Evaluation | None) -> dict[str, Any]:
    """The card as JSON types."""
    document = (evaluation.document if evaluation else None) or {}
    with translation.override("en"):
        card = card_of(model, evaluation)
        content = {
            "model_overview": _overview(model, card),
            "intended_uses": {
                "purpose_of_model": _cut(card.intended_use, LONG),
                "intended_uses": _cut(card.intended_use, LONG),
                "factors_affecting_model_efficiency": _cut(card.limits, LONG),
                "risk_rating": "Unknown",
            },
            "training_details": _training(model, card),
            "evaluation_details": _evaluations(evaluation, card, document),
            "additional_information": {
                "caveats_and_recommendations": _cut(" ".join(card.missing), LONG),
                "custom_details": {title: _cut(text, TEXT) for title, text in (*card.data, *card.making) if text},
            },
        }
    return _without_empty(content)


def _overview(model: Model, card: Card) -> dict[str, Any]:
    artifact = model.job.artifact if model.job else ""
    algorithm = algorithms.ALGORITHMS.get(model.algorithm)
    image = provenance_of(model, model.job)["image"] if algorithm and model.job else ""
    return {
        "model_name": model.name,
        "model_description": _cut(card.answer, TEXT),
        "model_creator": card.owner,
        "model_owner": card.contact or card.owner,
        "problem_type": PROBLEMS.get(model.schema.get("task", ""), ""),
        "algorithm_type": algorithm.title if algorithm else model.algorithm,
        "model_artifact": [artifact] if artifact else [],
        "inference_environment": {"container_image": [image] if image else []},
    }


def _training(model: Model, card: Card) -> dict[str, Any]:
    job = model.job
    if job is None:
        return {}
    image = job.described.get("AlgorithmSpecification", {}).get("TrainingImage", "")
    objective = {}
    if job.metric and job.progress.get("goal"):
        function = "Maximize" if job.progress["goal"] == "max" else "Minimize"
        objective = {"function": {"function": function, "facet": _cut(job.metric.name, 63)}}
    return {
        "objective_function": objective,
        "training_observations": _cut(" ".join(card.changes), TEXT),
        "training_job_details": {
            "training_arn": job.arn,
            "training_datasets": [_cut(model.data_uri, TEXT)],
            "training_environment": {"container_image": [image] if image else []},
            "training_metrics": [
                {"name": name, "value": value} for name, value in list(job.final_metrics.items())[:MAX_METRICS]
            ],
            "hyper_parameters": [
                {"name": name, "value": _cut(str(value), VALUE)}
                for name, value in sorted(job.hyperparameters.items())[:MAX_HYPERPARAMETERS] if str(value)
            ],
        },
    }  # fmt: skip


def _evaluations(evaluation: Evaluation | None, card: Card, document: dict[str, Any]) -> list[dict[str, Any]]:
    if evaluation is None or not document.get("metrics"):
        return []
    measured = "Rows of the training table" if "on" in document else "Test rows"
    groups = [{"name": f"{measured}, with 95% intervals and baselines", "metric_data": _metrics(document)}]
    matrix = document.get("matrix")
    if matrix and len(matrix["classes"]) <= MAX_CLASSES:
        names = [_cut(name, 63) for name in matrix["classes"]]
        data = {"name": "Confusion matrix, actual by predicted", "type": "matrix", "value": matrix["rows"]}
        groups.append(
            {"name": "Confusion matrix", "metric_data": [data | {"x_axis_name": names, "y_axis_name": names}]}
        )
    if card.importance:
        columns = (document.get("explain") or {})["columns"][:MAX_METRICS]
        value, axis = [entry["loss"] for entry in columns], [_cut(entry["column"], 63) for entry in columns]
        data = {"name": "Permutation importance", "type": "bar_chart", "value": value, "x_axis_name": axis}
        groups.append({"name": "Importance", "metric_data": [data]})
    observation = " ".join(filter(None, (card.groups.sentence if card.groups else "", card.verdict)))
    return [
        {
            "name": measured,
            "evaluation_observation": _cut(observation, OBSERVATION),
            "datasets": [evaluation.predictions_uri][:MAX_DATASETS],
            "metric_groups": groups,
        }
    ]


def _metrics(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Each figure as a number, its interval and baseline as notes."""
    metrics = []
    for figure in document["metrics"]:
        notes = [] if figure.get("low") is None else [f"95% interval {figure['low']:.6g} to {figure['high']:.6g}"]
        notes += [] if figure.get("baseline") is None else [f"baseline {figure['baseline']:.6g}"]
        metric = {"name": figure["name"], "type": "number", "value": figure["value"]}
        metrics.append(metric | ({"notes": "; ".join(notes)} if notes else {}))
    return metrics


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _without_empty(value: Any) -> Any:
    """`value` without texts, lists and objects that are empty, which AWS's schema refuses in places."""
    if isinstance(value, dict):
        items = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item not in ("", [], {}, None)}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value
