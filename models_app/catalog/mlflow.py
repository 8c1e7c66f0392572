"""Logs a trained model to an MLflow tracking server, by MLflow's REST API (mlflow.org/docs/latest/rest-api.html).

The server's address is a setting of the administrator's, never a person's: the console is inside the network.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from common.messages import _
from models_app.catalog.provenance import provenance_of
from models_app.models import Evaluation, Model, TrainingJob
from models_app.problems import Problem

EXPERIMENT = "sagewright"
SECONDS = 5.0  # for one answer
MAX_ANSWER = 1024**2  # bytes
MAX_METRICS, MAX_PARAMS, MAX_VALUE = 1000, 100, 500  # of one batch; characters
MAX_POINTS = 10_000  # of all curves


class _NoRedirect(HTTPRedirectHandler):
    """The address is the one that was set, and leads nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


def log_model(model: Model, job: TrainingJob, evaluation: Evaluation | None, card_url: str) -> str:
    """Log `model` as a new run with its settings, curves, figures and origin; the run's id.

    Raises Problem when the server does not take it; a run that was begun is then marked as failed.
    """
    run = _post("runs/create", _new_run(model, job, card_url))["run"]["info"]["run_id"]
    try:
        params = [{"key": name, "value": value} for name, value in _params(model, job).items()]
        for start in range(0, len(params), MAX_PARAMS):
            _post("runs/log-batch", {"run_id": run, "params": params[start : start + MAX_PARAMS]})
        metrics = [*_curves(job), *_figures(job, evaluation)]
        for start in range(0, len(metrics), MAX_METRICS):
            _post("runs/log-batch", {"run_id": run, "metrics": metrics[start : start + MAX_METRICS]})
    except Problem:
        with suppress(Problem):
            _post("runs/update", {"run_id": run, "status": "FAILED", "end_time": _millis(job.ended)})
        raise
    _post("runs/update", {"run_id": run, "status": "FINISHED", "end_time": _millis(job.ended)})
    return run


def _new_run(model: Model, job: TrainingJob, card_url: str) -> dict[str, Any]:
    tags = {
        "mlflow.user": model.owner.get_username(), "mlflow.source.name": card_url, "sagewright.model": model.name,
        "sagewright.training_job": job.arn or job.name, "sagewright.artifact": job.artifact,
        "sagewright.data": model.data_uri, "sagewright.data_etag": model.data_etag, "sagewright.card": card_url,
    }  # fmt: skip
    return {
        "experiment_id": _experiment(), "run_name": model.name, "start_time": _millis(job.started),
        "tags": [{"key": key, "value": value} for key, value in tags.items() if value],
    }  # fmt: skip


def _experiment() -> str:
    try:
        response = _call("GET", f"experiments/get-by-name?experiment_name={quote(EXPERIMENT)}")
        return response["experiment"]["experiment_id"]
    except _Missing:
        return _post("experiments/create", {"name": EXPERIMENT})["experiment_id"]


def _params(model: Model, job: TrainingJob) -> dict[str, str]:
    origin = provenance_of(model, job)
    params = {"algorithm": model.algorithm, "image": origin["image"], "instance_type": origin["instance"]["type"]}
    params |= {f"seed.{name}": str(seed) for name, seed in origin["seeds"].items()}
    return {name: str(value)[:MAX_VALUE] for name, value in {**params, **job.hyperparameters}.items() if str(value)}


def _curves(job: TrainingJob) -> Iterator[dict[str, Any]]:
    for name, step, value in job.points.order_by("round", "name").values_list("name", "round", "value")[:MAX_POINTS]:
        yield {"key": name.replace(":", "/"), "value": value, "step": step, "timestamp": _millis(job.started)}


def _figures(job: TrainingJob, evaluation: Evaluation | None) -> Iterator[dict[str, Any]]:
    """The figures of the test rows, with the ends of their intervals."""
    for figure in (evaluation.document if evaluation else {}).get("metrics", ()):
        for suffix in ("value", "low", "high", "baseline"):
            if figure.get(suffix) is not None:
                key = f"test/{figure['name']}" + ("" if suffix == "value" else f"_{suffix}")
                yield {"key": key, "value": figure[suffix], "step": 0, "timestamp": _millis(job.ended)}


def _millis(at: Any) -> int:
    return int(at.timestamp() * 1000) if at else 0


class _Missing(Problem):
    """The server has no such thing."""


def _post(path: str, body: dict[str, Any]) -> dict[str, Any]:
    return _call("POST", path, body)


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object that the server answers. Raises Problem, without the server's password."""
    parts = urlsplit(settings.MLFLOW_URI)
    host = parts.netloc.rpartition("@")[2]
    root = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    headers = {"Content-Type": "application/json", "User-Agent": f"sagewright/{settings.VERSION}"}
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
    data = None if body is None else json.dumps(body, allow_nan=False).encode()
    request = Request(f"{root}/api/2.0/mlflow/{path}", data, headers, method=method)  # noqa: S310  # settings check it
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            answer = json.loads(response.read(MAX_ANSWER))
    except HTTPError as e:
        why = e.read(300).decode(errors="replace")
        text = _("MLflow at %(host)s refused: %(status)s %(why)s", host=host, status=e.code, why=why)
        raise (_Missing if e.code == 404 else Problem)(text) from e
    except (OSError, ValueError) as e:
        raise Problem(_("MLflow at %(host)s does not answer: %(why)s", host=host, why=str(e)[:200])) from e
    if not isinstance(answer, dict):
        raise Problem(_("MLflow at %(host)s does not answer: %(why)s", host=host, why="no JSON object"))
    return answer
