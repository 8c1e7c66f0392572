"""A launch as a program for Sagewright's own SDK, which reads, checks and prepares the table as the console does."""

from __future__ import annotations

import json
import keyword
from collections.abc import Mapping
from typing import Any

from common.tags import parse
from jobs.plan import LaunchPlan
from jobs.snippets.notes import refusals, remarks
from jobs.snippets.python import exit_with, literal
from jobs.spec import REPLICATED, JobSpec

LINE = 100
_FIELDS = {"target": "target", "has_header": "header", "weight": "weight", "test_share": "test", "prepare": "prepare"}
_VALIDATION = ("validation", "validation_share", "validation_uri")  # of a recipe, which the SDK spells otherwise


def render(plan: LaunchPlan) -> str:
    """The program; one that only names the reasons when the plan has problems."""
    if plan.problems:
        return remarks(plan) + exit_with(refusals(plan))
    spec = plan.spec
    names = ["Model", "S3DataSource", "Session", "TrainingInstance"]
    if plan.endpoint:
        names.insert(1, "PredictorInstance")
    instance = {"volume_gb": spec.volume_gb, "max_runtime": plan.max_runtime}
    if spec.instance_count != 1:
        instance["count"] = spec.instance_count
    fit = [_call("TrainingInstance", [spec.instance_type], instance), _source(spec, plan.algorithm.supervised)]
    if spec.recipe.validation == "location":
        fit.append(_call("S3DataSource", [spec.recipe.validation_uri.strip()], {}))
    arguments: dict[str, Any] = {"name": spec.name, "output": spec.output_uri}
    if spec.tags:
        arguments["tags"] = parse(spec.tags)
    lines = "".join(f"    {text},\n" for text in (*fit, *(f"{n}={_flat(value)}" for n, value in arguments.items())))
    algorithm = spec.algorithm.replace("-", "_")
    text = f"""{remarks(plan)}from sagewright import {", ".join(names)}

session = {_call("Session", [], {"role": spec.role_arn, "region": spec.region})}
model = {_call(f"Model.{algorithm}", [], _numbers(spec.hyperparameters))}
job = model.fit(
{lines}    session=session,
)
print(job.metrics)
"""
    if not plan.endpoint:
        return text
    host = _call("PredictorInstance", [plan.hosting_type], {})
    return f"{text}predictor = model.deploy({host}, name={json.dumps(plan.endpoint)}, session=session)\n"


def _source(spec: JobSpec, supervised: bool) -> str:
    """The data, with what of its recipe differs from what the SDK does by itself."""
    recipe = spec.recipe.as_json()
    if not supervised:
        recipe.pop("target", None)
    options = {field: recipe.pop(name) for name, field in _FIELDS.items() if name in recipe}
    if excluded := recipe.pop("excluded", None):
        options["excluded"] = excluded
    for name in _VALIDATION:
        recipe.pop(name, None)
    if spec.recipe.validation in ("time", "group"):
        recipe |= {"validation": spec.recipe.validation, "validation_share": spec.recipe.validation_share}
    elif spec.recipe.validation == "none":
        options["validation"] = 0
    elif spec.recipe.validation == "share" and "validation_share" in spec.recipe.as_json():
        options["validation"] = spec.recipe.validation_share
    if spec.instance_count > 1 and spec.data_distribution == REPLICATED:
        options["distribution"] = REPLICATED
    if recipe:
        options["recipe"] = recipe
    return _call("S3DataSource", [spec.data_uri or "s3://bucket/key"], options, 1)


def _numbers(texts: Mapping[str, str]) -> dict[str, Any]:
    """Hyperparameters as a person writes them in Python: a number where its text is the same."""
    return {name: _number(text) for name, text in texts.items()}


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            if str(kind(text)) == text:
                return kind(text)
        except ValueError:
            continue
    return text


def _call(function: str, positional: list[Any], named: Mapping[str, Any], depth: int = 0) -> str:
    """A call on one line if it fits there, else an argument a line; names that Python keeps for itself in a dict."""
    plain = {n: v for n, v in named.items() if n.isidentifier() and not keyword.iskeyword(n)}
    rest = {n: v for n, v in named.items() if n not in plain}
    parts = [literal(value) for value in positional] + [f"{n}={_flat(v)}" for n, v in plain.items()]
    parts += [f"**{_flat(rest)}"] if rest else []
    line = f"{function}({', '.join(parts)})"
    if len(line) <= LINE:
        return line
    inner, outer = "    " * (depth + 1), "    " * depth
    return f"{function}(\n" + "".join(f"{inner}{part},\n" for part in parts) + f"{outer})"


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(n))}: {_flat(v)}" for n, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return literal(value)
