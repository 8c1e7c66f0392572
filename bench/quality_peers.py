"""The peers of bench.quality: what a person would write with scikit-learn or with the library itself, and the figures.

A peer is (table, hyperparameters as ours had them) -> its answers for the test rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import cluster, decomposition, ensemble, linear_model, metrics, neighbors, pipeline, preprocessing

import algorithms
from bench.quality_tables import Table

Peer = Callable[[Table, dict[str, str]], np.ndarray]


def _fitted(table: Table, estimator: Any, **more: Any) -> np.ndarray:
    """What the estimator learned from the training rows says of the test rows: chances where it has them."""
    estimator.fit(table.x[table.train], table.y[table.train], **more)
    if hasattr(estimator, "predict_proba"):
        chances = estimator.predict_proba(table.x[table.test])
        return chances[:, 1] if table.task == "binary" else chances
    return np.asarray(estimator.predict(table.x[table.test])).ravel()


def _xgboost(table: Table, given: dict[str, str]) -> np.ndarray:
    import xgboost

    params = {k: v for k, v in given.items() if k not in ("num_round", "eval_metric")}
    train = xgboost.DMatrix(table.x[table.train], table.y[table.train])
    booster = xgboost.train(params, train, int(given.get("num_round", "100")))
    return booster.predict(xgboost.DMatrix(table.x[table.test]))


def _defaults(name: str, given: dict[str, str], *wanted: str) -> dict[str, Any]:
    """The settings called `wanted` as ours had them: given, or by the algorithm's default."""
    values = algorithms.get(name).parse(given)
    return {n: values.get(n, algorithms.get(name).hyperparameter(n).default) for n in wanted}


def _lightgbm(table: Table, given: dict[str, str]) -> np.ndarray:
    import lightgbm

    settings = _defaults(
        "lightgbm", given, "learning_rate", "num_leaves", "max_depth", "min_data_in_leaf", "feature_fraction",
        "bagging_fraction", "bagging_freq",
    )  # fmt: skip
    stop = _defaults("lightgbm", given, "num_boost_round", "early_stopping_rounds")
    kind = lightgbm.LGBMRegressor if table.task == "regression" else lightgbm.LGBMClassifier
    return _fitted(
        table, kind(n_estimators=stop["num_boost_round"], verbose=-1, **settings),
        eval_set=[_held(table)], callbacks=[lightgbm.early_stopping(stop["early_stopping_rounds"], verbose=False)],
    )  # fmt: skip


def _catboost(table: Table, given: dict[str, str]) -> np.ndarray:
    import catboost

    settings = _defaults("catboost", given, "iterations", "learning_rate", "depth", "l2_leaf_reg", "random_strength")
    settings |= _defaults("catboost", given, "early_stopping_rounds")
    kind = catboost.CatBoostRegressor if table.task == "regression" else catboost.CatBoostClassifier
    if table.task == "binary":
        settings["eval_metric"] = "AUC"
    estimator = kind(verbose=False, allow_writing_files=False, random_seed=1, **settings)
    return _fitted(table, estimator, eval_set=_held(table))


def _held(table: Table) -> tuple[np.ndarray, np.ndarray]:
    return table.x[table.validation], table.y[table.validation]


def _scaled(estimator: Any) -> Any:
    return pipeline.make_pipeline(preprocessing.StandardScaler(), estimator)


def _products(estimator: Any) -> Any:
    """The products of every two columns beside the columns: what a factorization machine learns in few numbers."""
    return pipeline.make_pipeline(
        preprocessing.StandardScaler(), preprocessing.PolynomialFeatures(2, interaction_only=True), estimator
    )


def _kmeans(table: Table, given: dict[str, str]) -> np.ndarray:
    found = cluster.KMeans(int(given["k"]), n_init=10, random_state=0).fit(table.x[table.train])
    return found.transform(table.x[table.test]).min(axis=1)


def _pca(table: Table, given: dict[str, str]) -> np.ndarray:
    found = decomposition.PCA(int(given["num_components"])).fit(table.x[table.train])
    return found.transform(table.x[table.test])


def _forest(table: Table, given: dict[str, str]) -> np.ndarray:
    found = ensemble.IsolationForest(random_state=0).fit(table.x[table.train])
    return -found.score_samples(table.x[table.test])


def _knn(table: Table, given: dict[str, str]) -> np.ndarray:
    kind = neighbors.KNeighborsRegressor if table.task == "regression" else neighbors.KNeighborsClassifier
    found = kind(int(given["k"])).fit(table.x[table.train], table.y[table.train])
    return found.predict(table.x[table.test])


def _simple(who: str, make: Callable[[], Any]) -> tuple[str, Peer]:
    return who, lambda table, given: _fitted(table, make())


LOGISTIC = linear_model.LogisticRegression(max_iter=1000)
SUPERVISED = ("binary", "multiclass", "regression")
PEERS: dict[str, dict[str, tuple[str, Peer]]] = {
    "xgboost": dict.fromkeys(SUPERVISED, ("xgboost.train", _xgboost)),
    "lightgbm": dict.fromkeys(SUPERVISED, ("LightGBM, same settings", _lightgbm)),
    "catboost": dict.fromkeys(SUPERVISED, ("CatBoost, like settings", _catboost)),
    "linear-learner": {
        "binary": _simple("LogisticRegression", lambda: _scaled(LOGISTIC)),
        "multiclass": _simple("LogisticRegression", lambda: _scaled(LOGISTIC)),
        "regression": _simple("LinearRegression", lambda: _scaled(linear_model.LinearRegression())),
    },
    "knn": {
        "multiclass": ("KNeighborsClassifier, same k", _knn),
        "regression": ("KNeighborsRegressor, same k", _knn),
    },
    "factorization-machines": {
        "binary": _simple(
            "LogisticRegression of products", lambda: _products(linear_model.LogisticRegression(max_iter=1000))
        ),
        "regression": _simple("Ridge of products", lambda: _products(linear_model.Ridge(10.0))),
    },
    "kmeans": {"clusters": ("KMeans, n_init=10", _kmeans)},
    "pca": {"components": ("PCA", _pca)},
    "randomcutforest": {"anomalies": ("IsolationForest", _forest)},
}


def _accuracy(table: Table, answers: np.ndarray) -> float:
    named = answers.argmax(axis=1) if answers.ndim == 2 else answers
    return float((named == table.y[table.test]).mean())


def _explained(table: Table, answers: np.ndarray) -> float:
    """The spread of the projections as a share of the rows' own, about the training rows' mean."""
    apart = table.x[table.test].astype(np.float64) - table.x[table.train].mean(axis=0, dtype=np.float64)
    return float(np.square(answers).sum() / np.square(apart).sum())


FIGURES: dict[str, tuple[str, str, Callable[[Table, np.ndarray], float]]] = {
    "binary": ("AUC", "more", lambda table, a: float(metrics.roc_auc_score(table.y[table.test], a))),
    "multiclass": ("accuracy", "more", _accuracy),
    "regression": (
        "RMSE", "less", lambda table, a: float(np.sqrt(metrics.mean_squared_error(table.y[table.test], a))),
    ),
    "clusters": ("mean squared distance", "less", lambda table, a: float(np.mean(np.square(a)))),
    "components": ("explained variance", "more", _explained),
    "anomalies": ("AUC", "more", lambda table, a: float(metrics.roc_auc_score(table.y[table.test], a))),
}  # fmt: skip
