"""Validates XGBoost's JSON and UBJSON models, and writes copies that the library can load without harm.

XGBoost trusts the numbers in a model: a feature that the model does not have is read out of bounds, a node that is its
own child never ends. Source of the rules: src/learner.cc, src/gbm/gbtree_model.cc, src/gbm/gblinear_model.cc and
src/tree/tree_model.cc of XGBoost 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import UserError
from algorithms.formats import ubjson
from algorithms.model_proof import InvalidModel, Proof, Unproven, check_limits, check_steps
from algorithms.xgboost.base_score import parse_json
from algorithms.xgboost.model_source import BINARY, UBJSON, model_files, read_model
from algorithms.xgboost.tree_validation import as_object, check_trees

_MAX_TEXT = 4096  # characters of an attribute or a parameter
_NUMBER = re.compile(r"-?\d{1,18}")
_PARAMETER = re.compile(r"[-+.,\w\[\]() ]*")
_REGRESSION = "reg_loss_param"
# Objective -> the name of its parameters. Others may be right, but what they read is not known here.
_OBJECTIVES = {
    **dict.fromkeys(
        ("reg:squarederror", "reg:linear", "reg:logistic", "binary:logistic", "binary:logitraw", "reg:gamma",
         "reg:squaredlogerror"), _REGRESSION,
    ),
    **dict.fromkeys(("multi:softmax", "multi:softprob"), "softmax_multiclass_param"),
    **dict.fromkeys(("rank:pairwise", "rank:ndcg", "rank:map"), "lambdarank_param"),
    **dict.fromkeys(("binary:hinge", "survival:cox", "reg:absoluteerror"), ""),
    "reg:pseudohubererror": "pseudo_huber_param",
    "count:poisson": "poisson_regression_param",
    "reg:tweedie": "tweedie_regression_param",
    "survival:aft": "aft_loss_param",
}  # fmt: skip


def validate(model_dir: Path, target: Path) -> Proof:
    """Write copies of the models of `model_dir` into the folder `target`. Uses Python and NumPy alone.

    Raises UserError for a model that is broken, and Unproven for one that only the library can judge.
    """
    features, steps, outputs = 0, 0, 0
    for path in model_files(model_dir):
        kind, data = read_model(path)
        if kind == BINARY:
            raise Unproven(f"'{path.name}' has XGBoost's old binary format")
        try:
            document, proof = validated(ubjson.loads(data) if kind == UBJSON else parse_json(data))
            content = ubjson.dumps(document)
        except (InvalidModel, ValueError, KeyError, TypeError, OverflowError, RecursionError) as e:
            raise UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {_reason(e)}.") from e
        (target / path.name).write_bytes(content)
        features, steps = proof.features, steps + proof.predict_steps
        outputs = max(outputs, proof.outputs)
    check_steps(steps)
    return Proof(features, steps, outputs)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}"
    return str(error).rstrip(".") if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def validated(document: Any) -> tuple[dict[str, Any], Proof]:
    """Return a model that holds what is checked of `document`, and its size.

    Raises InvalidModel, ValueError, KeyError or TypeError if it is broken, Unproven if it cannot be judged.
    """
    learner = as_object(as_object(document, "the model")["learner"], "learner")
    parameters = as_object(learner["learner_model_param"], "learner_model_param")
    features = _integer(parameters, "num_feature")
    classes, targets = _integer(parameters, "num_class", 0), _integer(parameters, "num_target", 1)
    outputs = max(classes, targets, 1)
    check_limits(features, outputs)
    if classes > 1 and targets > 1:
        raise Unproven("it has several classes and several targets")
    booster, steps = _booster(as_object(learner["gradient_booster"], "gradient_booster"), features, outputs)
    return {
        "learner": {
            "attributes": _texts(learner.get("attributes", {}), "attributes"),
            "feature_names": _names(learner.get("feature_names", []), "feature_names", features),
            "feature_types": _names(learner.get("feature_types", []), "feature_types", features),
            "gradient_booster": booster,
            "learner_model_param": {
                "base_score": _base_score(parameters["base_score"]),
                "boost_from_average": str(_integer(parameters, "boost_from_average", 1)),
                "num_class": str(classes),
                "num_feature": str(features),
                "num_target": str(targets),
            },
            "objective": _objective(as_object(learner["objective"], "objective"), classes),
        },
        "version": _version(document["version"]),
    }, Proof(features, steps, outputs)


def _booster(booster: Mapping[str, Any], features: int, outputs: int) -> tuple[dict[str, Any], int]:
    name = booster["name"]
    if name == "gbtree":
        model, steps = check_trees(as_object(booster["model"], "model"), features, outputs)
        return {"model": model, "name": name}, steps
    if name == "dart":
        inner, steps = _booster(as_object(booster["gbtree"], "gbtree"), features, outputs)
        if inner["name"] != "gbtree":
            raise InvalidModel(f"the trees of a dart booster are called {inner['name']}")
        weights = _floats(booster["weight_drop"], "weight_drop", len(inner["model"]["trees"]))
        return {"gbtree": inner, "name": name, "weight_drop": weights.tolist()}, steps
    if name == "gblinear":
        weights = _floats(as_object(booster["model"], "model")["weights"], "weights", (features + 1) * outputs)
        rounds = _integer(booster["model"], "boosted_rounds", 0)
        return {"model": {"boosted_rounds": rounds, "weights": weights}, "name": name}, len(weights)
    raise Unproven(f"its booster is {name!r:.80}")


def _objective(objective: Mapping[str, Any], classes: int) -> dict[str, Any]:
    name = objective["name"]
    group = _OBJECTIVES.get(name) if isinstance(name, str) else None
    if group is None:
        raise Unproven(f"its objective is {name!r:.80}")
    if not group or (group not in objective and group != "softmax_multiclass_param"):
        return {"name": name, **({group: {}} if group == _REGRESSION else {})}
    parameters = _texts(objective[group], group)
    if name.startswith("multi:") and not 0 < classes == _integer(parameters, "num_class"):
        raise InvalidModel(f"its objective has {parameters['num_class']} classes, and the model has {classes}")
    if parameters.get("lambdarank_unbiased", "0") != "0":
        raise Unproven("its objective has a table of position bias")
    if not all(_PARAMETER.fullmatch(text) for text in parameters.values()):
        raise InvalidModel(f"{group} holds something other than numbers and words")
    return {"name": name, group: parameters}


def _version(value: Any) -> list[int]:
    numbers = [int(number) for number in value]
    if len(numbers) != 3 or not all(0 <= number < 1000 for number in numbers):
        raise InvalidModel(f"version is {value!r:.80}, and must be three numbers")
    return numbers


def _base_score(value: Any) -> str:
    if not np.isfinite(float(value)):
        raise InvalidModel(f"base_score is {value!r:.80}, and must be a finite number")
    return repr(float(value))


def _integer(values: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = values[name] if default is None else values.get(name, default)
    if not _NUMBER.fullmatch(str(value)) or not 0 <= int(value) < 2**31:
        raise InvalidModel(f"{name} is {value!r:.80}, and must be a whole number from 0 to {2**31 - 1}")
    return int(value)


def _floats(values: Any, name: str, size: int) -> np.ndarray:
    array = np.array(values, np.float32)
    if array.shape != (size,):
        raise InvalidModel(f"{name} has {len(array) if array.ndim else 0} numbers, and must have {size}")
    if not np.isfinite(array).all():
        raise InvalidModel(f"{name} holds numbers that are not finite")
    return array


def _texts(values: Any, name: str) -> dict[str, str]:
    texts = as_object(values, name)
    if not all(isinstance(text, str) and len(key) + len(text) <= _MAX_TEXT for key, text in texts.items()):
        raise InvalidModel(f"{name} holds something other than texts of up to {_MAX_TEXT} characters")
    return dict(texts)


def _names(values: Any, name: str, features: int) -> list[str]:
    if not isinstance(values, list) or not set(map(type, values)) <= {str}:
        raise InvalidModel(f"{name} is no list of texts")
    if len(values) not in (0, features):
        raise InvalidModel(f"{name} has {len(values)} texts, and the model has {features} features")
    return values
