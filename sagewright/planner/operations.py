"""The operations of the planner by name. Imports what an operation needs when it is asked for: most need little."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from common.problems import Problem
from sagewright.planner.refused import Refused

Progress = Callable[[str, int, int], None]
log = logging.getLogger(__name__)


def perform(operation: str, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """{"result": ...}, or {"error": ...} with the type, the message and the findings of what went wrong."""
    try:
        if operation == "plan":
            return {"result": plan(progress=progress, **arguments)}
        return {"result": OPERATIONS[operation](**arguments)}
    except Refused as e:
        return {"error": e.answer}
    except Problem as e:
        kind = "PredictionFailed" if operation in ("encode", "label") else "PreflightFailed"
        return {"error": {"type": kind, "message": e.english, "findings": []}}
    except Exception as e:
        log.exception("%s failed", operation)
        return {"error": {"type": "SagewrightError", "message": f"{type(e).__name__}: {e}", "findings": []}}


def image(region: str, algorithm: str = "") -> str:
    """The image URI of `algorithm`, or of scikit-learn, which runs a person's class."""
    import algorithms
    from algorithms.frameworks import SCIKIT_LEARN

    return (algorithms.get(algorithm).images if algorithm else SCIKIT_LEARN).uri(region)


def framework_image(framework: str, region: str, version: str) -> str:
    """The image URI of what version 2 of SageMaker's SDK calls `framework`, tagged with `version` if given."""
    import algorithms
    from algorithms.frameworks import SCIKIT_LEARN

    known = {"sklearn": SCIKIT_LEARN} | {name: one.images for name, one in algorithms.ALGORITHMS.items()}
    if framework not in known:
        raise Refused("NotFound", f"There is no image of {framework}. There are: {', '.join(known)}.")
    uri = known[framework].uri(region)
    if not version or version == "latest":
        return uri
    return f"{uri.rpartition(':')[0]}:{version}" + ("-cpu-py3" if framework == "sklearn" else "")


def algorithm(name: str) -> dict[str, Any]:
    """What the SDK says of an algorithm; hyphens of its name may be underscores."""
    import algorithms

    entry = {a.name.replace("-", "_"): a for a in algorithms.ALGORITHMS.values()}.get(name)
    if entry is None:
        known = ", ".join(n.replace("-", "_") for n in algorithms.ALGORITHMS)
        raise Refused("NotFound", f"Model has no {name}. The built-in algorithms are: {known}.")
    names = [hyperparameter.name for hyperparameter in entry.hyperparameters]
    return {"name": entry.name, "title": entry.title, "help": entry.help, "hyperparameters": names}


def check_values(name: str, values: dict[str, str]) -> list[str]:
    """What is wrong with hyperparameters; what is missing, planning may still add from the table."""
    import algorithms
    from algorithms import parameters

    known, problems = algorithms.get(name), []
    for hyperparameter, text in values.items():
        try:
            known.hyperparameter(hyperparameter).parse(text)
        except KeyError:
            problems.append(known.error_messages.unknown(hyperparameter))
        except parameters.InvalidValue as e:
            problems.append(f"{hyperparameter}: {e}")
    return problems


def runner_files(module: str, cls: str, channels: dict[str, dict[str, Any]], rows: str) -> dict[str, str]:
    """What runs a class in a job and an endpoint, as the console sends it too."""
    from jobs.code import bundle

    return bundle.runner_files(module, cls, channels, rows)


def class_settings(
    hyperparameters: dict[str, Any], code_uri: str, job_name: str, region: str, metrics: list[str]
) -> dict[str, Any]:
    """The parts of a class's requests that script mode decides, as the console sends them too."""
    import json

    from jobs.code import request
    from jobs.code.spec import CodeSpec

    code, encoded = CodeSpec(), {name: json.dumps(value) for name, value in hyperparameters.items()}
    return {
        "HyperParameters": request.script_hyperparameters(code, encoded, code_uri, job_name, region),
        "MetricDefinitions": request.metric_definitions(code, metrics),
    }


def class_environment(region: str) -> dict[str, str]:
    """The Environment of a model whose archive has a class in it."""
    from jobs.code import request
    from jobs.code.spec import CodeSpec

    return request.hosting_environment(CodeSpec(), "", region)


def hosting(
    name: str, endpoint: str, image: str, artifact: str, role_arn: str, schema_uri: str, instance_type: str,
    instance_count: int, environment: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    """The three requests that host an artifact, as the console sends them."""
    from jobs.hosting import endpoint_config_request, endpoint_request, model_request

    model = model_request(name, image, artifact, role_arn, schema_uri)
    if environment:
        model["PrimaryContainer"].setdefault("Environment", {}).update(environment)
    config = endpoint_config_request(name, name, instance_type)
    config["ProductionVariants"][0]["InitialInstanceCount"] = instance_count
    return {"model": model, "config": config, "endpoint": endpoint_request(endpoint, name)}


def plan(spec: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The request of a built-in algorithm, whose table is checked and prepared first."""
    from sagewright.planner.preparation import plan_job

    return plan_job(spec, progress)


def encode(schema: dict[str, Any], columns: list[str], data: list[list[Any]]) -> dict[str, str]:
    """Rows as the numbers that the model was trained on."""
    from sagewright.planner.predictions import encode_rows

    return encode_rows(schema, columns, data)


def label(schema: dict[str, Any], body: str, content_type: str) -> list[dict[str, Any]]:
    """An answer with the labels of the table."""
    from tables.predictions import parse_response

    return [prediction.as_json() for prediction in parse_response(schema, body, content_type)]


OPERATIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        image,
        framework_image,
        algorithm,
        check_values,
        runner_files,
        class_settings,
        class_environment,
        hosting,
        encode,
        label,
    )
}
