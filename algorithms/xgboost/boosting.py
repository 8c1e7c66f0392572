"""Runs xgboost.train and translates its errors into the container's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import AlgorithmFailure, UserError
from algorithms.library_imports import import_xgboost
from algorithms.stop_signal import StopSignal
from algorithms.xgboost.callbacks import CheckpointCallback, OrderedCallbacks, RoundLogger, StopCallback
from algorithms.xgboost.channel_data import error_message
from algorithms.xgboost.custom_metrics import custom_metric
from algorithms.xgboost.log import info
from algorithms.xgboost.metrics import CUSTOM, is_better_higher

xgb = import_xgboost()

MODEL = "xgboost-model"
# Settings of the container, or settings that XGBoost 3 no longer has and would warn about.
_NOT_XGBOOST = (
    "num_round", "csv_weights", "early_stopping_rounds", "save_model_on_termination", "use_dask_gpu_training",
    "eval_metric", "_kfold", "_num_cv_round", "_tuning_objective_metric", "predictor", "sketch_eps", "dsplit",
    "deterministic_histogram", "prob_buffer_row",
)  # fmt: skip
# The container reports errors with these substrings as the user's fault (ClientError).
_USER_FAULTS = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "Target is multiclass but average='binary'",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels_.size()",
    "Check failed: !auc_error AUC: the dataset only contains pos or neg samples",
    "base_score must be in (0,1) for logistic loss",
    "PoissonRegression: label must be nonnegative",
    "TweedieRegression: label must be nonnegative",
    "Parameter reg_lambda should be greater equal to 0",
    # Not in the container, which reports them as AlgorithmError: XGBoost 3's texts for the same kind of fault.
    "label must be positive for gamma regression",
    "label must be greater than -1 for rmsle",
    "map can only be used with binary labels",
    "label must be either 0 or positive integer",
    "Input data contains `inf` or a value too large",
)


def boost(
    params: dict[str, Any], values: Mapping[str, Any], matrices: Mapping[str, Any], stop: StopSignal,
    initial_model: Any = None, rounds_done: int = 0, checkpoints: CheckpointCallback | None = None,
    evals_result: dict | None = None, is_logged: bool = True, is_first: bool = True,
) -> Any:  # fmt: skip
    """Train a booster on matrices["train"] and evaluate it on every matrix after each round.

    `evals_result` receives {matrix: {metric: values}}.
    Without `is_logged` nothing is evaluated or logged. Of members that train together the one that `is_first` logs.
    Raises UserError or AlgorithmFailure.
    """
    metric_names = list(values.get("eval_metric") or [])
    objective_metric = values.get("_tuning_objective_metric")
    if objective_metric:
        tuned = objective_metric.split(":")[1]
        info(f"Setting up HPO optimized metric to be : {tuned}")
        metric_names = sorted({*metric_names, tuned}) if metric_names else [tuned]
    custom = [name for name in metric_names if name in CUSTOM]
    built_in = [name for name in metric_names if name not in CUSTOM]
    callbacks: list[Any] = [RoundLogger(rounds_done)] if is_logged and is_first else []
    callbacks += [StopCallback(stop), *([checkpoints] if checkpoints else [])]
    stopping_rounds = values.get("early_stopping_rounds")
    if stopping_rounds and "validation" in matrices:
        # The container stops early only if a metric is named. Without one, the last logged metric is monitored here.
        monitored = objective_metric.split(":")[1] if objective_metric else (values.get("eval_metric") or [None])[-1]
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=stopping_rounds, data_name="validation", metric_name=monitored,
                maximize=is_better_higher(monitored) if monitored else None,
                save_best=params.get("booster") != "gblinear",  # a linear model has no rounds to remove
            )
        )  # fmt: skip
    with translated_errors():
        was, stop.training = stop.training, True
        try:
            return xgb.train(
                {**params, "eval_metric": built_in} if built_in else params,
                matrices["train"],
                num_boost_round=max(values["num_round"] - rounds_done, 0),
                evals=[(matrix, name) for name, matrix in matrices.items()] if is_logged else [],
                custom_metric=custom_metric(custom, params.get("objective", "reg:squarederror")) if custom else None,
                evals_result=evals_result,
                callbacks=[OrderedCallbacks(callbacks)],
                xgb_model=initial_model,
                verbose_eval=False,
            )
        finally:
            stop.training = was


def xgboost_params(values: Mapping[str, Any], num_cpus: int) -> dict[str, Any]:
    """Return the parameters of xgboost.train, without those of the container and removed ones."""
    params = {name: value for name, value in values.items() if name not in _NOT_XGBOOST}
    params.setdefault("nthread", num_cpus)
    if "monotone_constraints" in params:
        params["monotone_constraints"] = f"({','.join(map(str, params['monotone_constraints']))})"
    if "interaction_constraints" in params:
        params["interaction_constraints"] = str(params["interaction_constraints"])
    if "updater" in params:
        params["updater"] = ",".join(params["updater"])
    return params


class translated_errors:
    """Translates XGBoost's errors: UserError where the data is at fault, AlgorithmFailure otherwise."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or not isinstance(error, (xgb.core.XGBoostError, ValueError, TypeError)):
            return
        text = error_message(error)
        if "base_score must be in (0,1)" in text:
            text += "\nThe labels must be 0 or 1, in the first column, and both must occur."
        if any(fault in text for fault in _USER_FAULTS):
            raise UserError(text) from error
        raise AlgorithmFailure(f"XGB train call failed with exception:\n {text}") from error
