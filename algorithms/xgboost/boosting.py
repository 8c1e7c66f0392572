"""Boosts trees round by round with xgboost.train, and turns its errors into the container's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import AlgorithmFailure, UserError
from algorithms.lean import import_xgboost
from algorithms.stop import Stop
from algorithms.xgboost.data import plain
from algorithms.xgboost.log import say
from algorithms.xgboost.metrics import CUSTOM, is_better_higher
from algorithms.xgboost.rounds import Checkpoints, InOrder, Rounds
from algorithms.xgboost.scores import custom_metric

xgb = import_xgboost()

MODEL = "xgboost-model"
# Ours, or settings that XGBoost 3 no longer knows and would only grumble about.
_NOT_XGBOOST = (
    "num_round", "csv_weights", "early_stopping_rounds", "save_model_on_termination", "use_dask_gpu_training",
    "eval_metric", "_kfold", "_num_cv_round", "_tuning_objective_metric", "predictor", "sketch_eps", "dsplit",
    "deterministic_histogram", "prob_buffer_row",
)  # fmt: skip
# The container calls these the user's fault (ClientError), by substring.
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
    # Added by us: XGBoost 3's words for the same kind of fault, which the container still calls an AlgorithmError.
    "label must be positive for gamma regression",
    "label must be greater than -1 for rmsle",
    "map can only be used with binary labels",
    "label must be either 0 or positive integer",
    "Input data contains `inf` or a value too large",
)


def boost(
    params: dict[str, Any], values: Mapping[str, Any], matrices: Mapping[str, Any], stop: Stop,
    begun: Any = None, done: int = 0, saver: Checkpoints | None = None, log: dict | None = None,
) -> Any:  # fmt: skip
    """A booster trained on matrices["train"], judged on every matrix after each round; `log` gathers the figures."""
    wanted = list(values.get("eval_metric") or [])
    objective_metric = values.get("_tuning_objective_metric")
    if objective_metric:
        tuned = objective_metric.split(":")[1]
        say(f"Setting up HPO optimized metric to be : {tuned}")
        wanted = sorted({*wanted, tuned}) if wanted else [tuned]
    own = [name for name in wanted if name in CUSTOM]
    built_in = [name for name in wanted if name not in CUSTOM]
    callbacks: list[Any] = [Rounds(stop, done), *([saver] if saver else [])]
    patience = values.get("early_stopping_rounds")
    if patience and "validation" in matrices:
        # The container stops early only if a metric is named; without one we watch the last that is logged.
        watched = objective_metric.split(":")[1] if objective_metric else (values.get("eval_metric") or [None])[-1]
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=patience, data_name="validation", metric_name=watched,
                maximize=is_better_higher(watched) if watched else None,
                save_best=params.get("booster") != "gblinear",  # a linear model has no rounds to cut off
            )
        )  # fmt: skip
    with faults():
        stop.training = True
        try:
            return xgb.train(
                {**params, "eval_metric": built_in} if built_in else params,
                matrices["train"],
                num_boost_round=max(values["num_round"] - done, 0),
                evals=[(matrix, name) for name, matrix in matrices.items()],
                custom_metric=custom_metric(own, params.get("objective", "reg:squarederror")) if own else None,
                evals_result=log,
                callbacks=[InOrder(callbacks)],
                xgb_model=begun,
                verbose_eval=False,
            )
        finally:
            stop.training = False


def xgboost_params(values: Mapping[str, Any], num_cpus: int) -> dict[str, Any]:
    """The hyperparameters as xgboost.train wants them, without those that are ours or gone."""
    params = {name: value for name, value in values.items() if name not in _NOT_XGBOOST}
    params.setdefault("nthread", num_cpus)
    if "monotone_constraints" in params:
        params["monotone_constraints"] = f"({','.join(map(str, params['monotone_constraints']))})"
    if "interaction_constraints" in params:
        params["interaction_constraints"] = str(params["interaction_constraints"])
    if "updater" in params:
        params["updater"] = ",".join(params["updater"])
    return params


class faults:
    """Turns XGBoost's errors into ours: UserError where the data is at fault, AlgorithmFailure otherwise."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or not isinstance(error, (xgb.core.XGBoostError, ValueError, TypeError)):
            return
        text = plain(error)
        if "base_score must be in (0,1)" in text:
            text += "\nThe labels must be 0 or 1, in the first column, and both must occur."
        if any(fault in text for fault in _USER_FAULTS):
            raise UserError(text) from error
        raise AlgorithmFailure(f"XGB train call failed with exception:\n {text}") from error
