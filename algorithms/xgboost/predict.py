"""Serves an XGBoost model with the requests, responses and errors of AWS's container."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from algorithms import predictor as protocol
from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.contributions import Contributions
from algorithms.formats import request_bodies
from algorithms.model_proof import Proof
from algorithms.xgboost import ALGORITHM, response_formats, tree_walker, validation
from algorithms.xgboost import contributions as library_contributions
from algorithms.xgboost.channels import KINDS, content_type_message, label_size_message
from algorithms.xgboost.fast_predict import fastest_predict
from algorithms.xgboost.model_file import load_boosters, xgb
from algorithms.xgboost.score_kind import score_kind_of_objective
from algorithms.xgboost.tree_walker import TreeWalker

_JSON_TYPES = ("application/json", "application/jsonlines")
_LIBSVM_AS_IS = "sagewright_libsvm_indices"  # the trainer sets it on models trained from libsvm


class Predictor(protocol.Predictor):
    """A loaded model, or an ensemble whose predictions are averaged. Safe to call from several threads."""

    content_types = ALGORITHM.content_types
    accepts = ALGORITHM.accepts

    def __init__(self, models: list[Any], environment: Mapping[str, str] = NO_ENVIRONMENT):
        first = models[0]
        config = json.loads(first.save_config())["learner"]
        self.objective: str = config["objective"]["name"]
        self.score_kind = score_kind_of_objective(self.objective)
        self.num_class = int(config["learner_model_param"]["num_class"])
        self.n_features: int = first.num_features()
        self.feature_names: list[str] | None = first.feature_names
        self.shift_libsvm = False if first.attr(_LIBSVM_AS_IS) else None
        self.default_accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "text/csv"
        self.batch = bool(environment.get("SAGEMAKER_BATCH"))
        keys = environment.get("SAGEMAKER_INFERENCE_OUTPUT")
        self.selected_keys = keys.replace(" ", "").lower().split(",") if keys is not None else None
        self._models = models
        self.predict_functions = [fastest_predict(model, self.n_features) for model in models]
        function, is_plain = self.predict_functions[0], self.selected_keys is None and not self.batch
        self._walker = function if isinstance(function, TreeWalker) and len(models) == 1 and is_plain else None
        self._readers: dict[str, Callable[[bytes], tuple[np.ndarray, int | None]]] = {
            "csv": lambda body: (request_bodies.csv_rows(body, self.n_features), None),
            "libsvm": lambda body: request_bodies.libsvm_rows(body, self.n_features, self.shift_libsvm),
            "recordio-protobuf": lambda body: request_bodies.recordio_rows(body, self.n_features),
            "json": lambda body: (request_bodies.json_rows(body, self.n_features), None),
            "jsonlines": lambda body: (request_bodies.jsonlines_rows(body, self.n_features), None),
        }
        self._kinds: dict[str | None, str] = {}

    @classmethod
    def prepare(cls) -> None:
        """Build the walker besides."""
        super().prepare()
        tree_walker.build()

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Predictor:
        """Load the model in `model_dir`. Raises UserError if it is broken, missing or a pickle."""
        models = load_boosters(model_dir, environment.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true").lower() == "true")
        if len({model.num_features() for model in models}) > 1:
            raise UserError("Unable to load model: the models in the archive do not all have the same features.")
        try:
            return cls(models, environment)
        except xgb.core.XGBoostError as e:
            raise UserError(f"Unable to load model: {str(e).split('Stack trace:', 1)[0].strip()}") from e

    @classmethod
    def validate(cls, model_dir: Path, target: Path) -> Proof:
        """Write copies of the models in `model_dir` into `target`. Raises UserError or Unproven."""
        return validation.validate(model_dir, target)

    def probe(self) -> None:
        """Predict one row of zeros. Raises UserError if that fails."""
        try:
            answer = self.predict(np.zeros((1, self.n_features), np.float32))
        except InvocationError as e:
            raise UserError(f"The model cannot predict: {e.message}") from e
        if len(answer) != 1:
            raise UserError(f"The model cannot predict: it gave {len(answer)} answers for one row.")

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """Parse the request's rows: float32 (rows, n_features). Raises InvocationError 204, 415 or 400."""
        if not body:
            raise InvocationError(204)
        kind = self._kinds.get(content_type) or self._kind(content_type)
        try:
            with np.errstate(over="ignore"):  # too large for float32: infinity, and refused below
                rows, named = self._readers[kind](body)
            if not len(rows):
                raise ValueError("there are no rows in it")
            request_bodies.check_finite(rows)
        except (ValueError, UnicodeDecodeError, OverflowError, TypeError) as e:
            raise request_bodies.unreadable_error(kind, e) from e
        width = rows.shape[1] if named is None else named
        # The container checks only pickled models, and returns wrong predictions otherwise (docs/containers.md).
        if kind in ("libsvm", "recordio-protobuf") and width < self.n_features and rows.shape[1] == self.n_features:
            return rows  # sparse: absent columns are missing
        if width != self.n_features:
            relation = "is larger than" if kind == "libsvm" else "is not consistent with"
            text = f"Feature size of {kind} inference data {width} {relation} feature size of trained model"
            raise InvocationError(400, f"Unable to evaluate payload provided: {text} {self.n_features}")
        return rows

    def check(self, rows: np.ndarray) -> np.ndarray:
        """Validate numbers (rows, n_features) and return them as float32. Raises InvocationError 415."""
        return request_bodies.validate_rows(rows)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 predictions (rows,) or (rows, classes). The rows may come from several requests."""
        rows = np.ascontiguousarray(rows, np.float32)
        try:
            if len(self.predict_functions) == 1:
                return self.predict_functions[0](rows)
            predictions = np.array([function(rows) for function in self.predict_functions])
        except xgb.core.XGBoostError as e:
            raise InvocationError(400, f"Unable to evaluate payload provided: {e}") from e
        if self.objective in ("binary:hinge", "multi:softmax"):
            classes = np.unique(predictions)
            return classes[np.array([(predictions == c).sum(axis=0) for c in classes]).argmax(axis=0)]
        return predictions.mean(axis=0)

    def predict_numbers(self, numbers: Sequence[float]) -> list[Any] | None:
        """As `predict`, by the walker of one model without selected content; else None."""
        return self._walker.predict_numbers(numbers) if self._walker else None

    def contributions(self, rows: np.ndarray) -> Contributions:
        """Return XGBoost's contributions. Raises InvocationError 406 for several models and for several answers."""
        return library_contributions.contributions(self._models, self.objective, np.ascontiguousarray(rows, np.float32))

    def response_type(self, accept: str | None) -> str:
        """Return the content type of the response. Raises InvocationError 406."""
        return response_formats.response_type(accept, self.default_accept)

    def write(self, predictions: np.ndarray | list[Any], accept: str) -> bytes:
        """Return the response body in the content type that `response_type` returned."""
        if isinstance(predictions, list):
            return response_formats.format_scores(predictions, accept)
        if self.selected_keys is not None:
            body = response_formats.format_selected(
                predictions, self.selected_keys, self.objective, self.num_class, accept
            )
            return body + b"\n" if self.batch and accept == "text/csv" else body
        return (
            response_formats.format_batch(predictions)
            if self.batch
            else response_formats.format_scores(predictions, accept)
        )

    def _kind(self, content_type: str | None) -> str:
        """Return the format of a request; libsvm without a content type, as in the container.

        Raises InvocationError 415.
        """
        name, _, options = (content_type or "text/libsvm").lower().partition(";")
        name = name.strip()
        kind = KINDS.get(name) or {"application/json": "json", "application/jsonlines": "jsonlines"}.get(name)
        if kind is None:
            raise InvocationError(415, content_type_message(content_type or "", _JSON_TYPES))
        if kind == "parquet":
            raise InvocationError(415, f"Content-type {content_type} is not supported.")
        for option in options.split(";"):
            key, _, value = option.strip().partition("=")
            if kind == "csv" and key == "label_size" and value.strip() != "1":
                raise InvocationError(415, label_size_message(content_type or ""))
        if len(self._kinds) < 64:  # requests choose these strings, so the cache is limited
            self._kinds[content_type] = kind
        return kind
