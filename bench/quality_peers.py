"""The peers of bench.quality: libraries with their own defaults, and careful scikit-learn pipelines.

A peer learns from all rows but the test rows, of the same columns as the form, and knows which of them are dates. It
returns numbers (rows,), or probabilities (rows, classes), for the test rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    compose,
    decomposition,
    ensemble,
    feature_extraction,
    impute,
    linear_model,
    neighbors,
    pipeline,
    preprocessing,
)

from bench.quality_ours import THREADS, Split

PROSE_WORDS = 4  # words a cell in the mean, from which on a text is free text
FEW = 20  # values of a text that become a column each
Peer = Callable[[Split], np.ndarray]


class Columns:
    """The features as a careful person has them: dates in parts, texts as texts, free text apart."""

    def __init__(self, split: Split):
        frame = split.frame[split.features].copy()
        for name in split.dates:
            when = pd.to_datetime(frame.pop(name), errors="coerce", utc=True, format="ISO8601")
            parts = {"days": when.astype("int64") / 8.64e13, "month": when.dt.month, "weekday": when.dt.weekday,
                     "hour": when.dt.hour}  # fmt: skip
            frame = frame.assign(**{f"{name}.{part}": values for part, values in parts.items()})
        texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
        frame[texts] = frame[texts].astype(str).where(frame[texts].notna(), "missing")
        words = {name: frame[name].str.count(" ").mean() + 1 for name in texts}
        self.prose = [name for name in texts if words[name] >= PROSE_WORDS and frame[name].nunique() > len(frame) / 2]
        self.categories = [name for name in texts if name not in self.prose]
        self.numbers = [name for name in frame if name not in texts]
        frame[self.numbers] = frame[self.numbers].astype(float)
        self.train, self.test = frame[~split.is_test], frame[split.is_test]
        self.labels = split.labels[~split.is_test]
        self.labels = self.labels.astype(int) if split.classes else self.labels

    def coded(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """(train, test) with texts as pandas' categories, those of training rows; free text is one of them."""
        train, test = self.train.copy(), self.test.copy()
        for name in self.categories + self.prose:
            kind = pd.CategoricalDtype(sorted(train[name].unique()))
            train[name], test[name] = train[name].astype(kind), test[name].astype(kind)
        return train, test


def _fitted(split: Split, estimator: Any, train: Any, labels: np.ndarray, test: Any, **more: Any) -> np.ndarray:
    estimator.fit(train, labels, **more)
    if not split.classes:
        return np.asarray(estimator.predict(test), float).ravel()
    shares = np.zeros((len(test), len(split.classes)))
    shares[:, np.asarray(estimator.classes_, int)] = estimator.predict_proba(test)
    return shares


def lightgbm(split: Split) -> np.ndarray:
    """LightGBM as it comes, with pandas' categories."""
    import lightgbm

    kind = lightgbm.LGBMClassifier if split.classes else lightgbm.LGBMRegressor
    columns = Columns(split)
    train, test = (_plain_names(frame) for frame in columns.coded())
    return _fitted(split, kind(verbose=-1, n_jobs=THREADS, random_state=0), train, columns.labels, test)


def xgboost(split: Split) -> np.ndarray:
    """XGBoost as it comes, with pandas' categories."""
    import xgboost

    kind = xgboost.XGBClassifier if split.classes else xgboost.XGBRegressor
    columns = Columns(split)
    train, test = (_plain_names(frame) for frame in columns.coded())
    estimator = kind(enable_categorical=True, n_jobs=THREADS, random_state=0)
    return _fitted(split, estimator, train, columns.labels, test)


def catboost(split: Split) -> np.ndarray:
    """CatBoost as it comes: 1,000 trees, its own learning rate, texts as categories, free text as text."""
    import catboost

    kind = catboost.CatBoostClassifier if split.classes else catboost.CatBoostRegressor
    columns = Columns(split)
    more = {"text_features": columns.prose} if columns.prose else {}
    estimator = kind(verbose=False, allow_writing_files=False, random_seed=0, thread_count=THREADS,
                     cat_features=columns.categories, **more)  # fmt: skip
    return _fitted(split, estimator, columns.train, columns.labels, columns.test)


def linear(split: Split) -> np.ndarray:
    """One-hot texts, TF-IDF of free text, standardised numbers; the penalty by cross-validation."""
    columns = Columns(split)
    scaled = pipeline.make_pipeline(impute.SimpleImputer(add_indicator=True), preprocessing.StandardScaler())
    estimator: Any
    if split.classes:
        estimator = linear_model.LogisticRegressionCV(
            Cs=[0.01, 0.1, 1.0, 10.0], cv=3, scoring="neg_log_loss", max_iter=300,
            use_legacy_attributes=False, l1_ratios=(0.0,),
        )  # fmt: skip
    else:
        estimator = linear_model.RidgeCV(alphas=np.logspace(-2, 3, 12))
    return _fitted(split, pipeline.make_pipeline(_encoded(columns, scaled), estimator), columns.train, columns.labels,
                   columns.test)  # fmt: skip


def boosted(split: Split) -> np.ndarray:
    """scikit-learn's histogram boosting, stopped early; texts of many values by the mean of the label out of fold."""
    columns = Columns(split)
    few = [name for name in columns.categories if columns.train[name].nunique() <= 255]
    many = [name for name in columns.categories if name not in few]
    ordinal = preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    steps: list[tuple] = [("few", ordinal, few), ("numbers", "passthrough", columns.numbers)]
    if many:
        steps.append(("many", preprocessing.TargetEncoder(random_state=0), many))
    for name in columns.prose:
        words = pipeline.make_pipeline(
            feature_extraction.text.TfidfVectorizer(min_df=3, max_features=20_000),
            decomposition.TruncatedSVD(50, random_state=0),
        )
        steps.append((name, words, name))
    transformer = compose.ColumnTransformer(steps)
    kind = ensemble.HistGradientBoostingClassifier if split.classes else ensemble.HistGradientBoostingRegressor
    estimator = kind(
        learning_rate=0.05, max_iter=500, early_stopping=True, validation_fraction=0.15, n_iter_no_change=20,
        random_state=0, categorical_features=list(range(len(few))),
    )  # fmt: skip
    return _fitted(split, pipeline.make_pipeline(transformer, estimator), columns.train, columns.labels, columns.test)


def nearest(split: Split) -> np.ndarray:
    """scikit-learn's nearest neighbours as they come, on standardised columns and one-hot texts."""
    columns = Columns(split)
    scaled = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())
    kind = neighbors.KNeighborsClassifier if split.classes else neighbors.KNeighborsRegressor
    estimator = pipeline.make_pipeline(_encoded(columns, scaled), kind())
    return _fitted(split, estimator, columns.train, columns.labels, columns.test)


def _encoded(columns: Columns, numbers: Any) -> Any:
    one_hot = preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3)
    words = [(n, feature_extraction.text.TfidfVectorizer(min_df=3, sublinear_tf=True), n) for n in columns.prose]
    return compose.ColumnTransformer([("numbers", numbers, columns.numbers), ("texts", one_hot, columns.categories),
                                      *words])  # fmt: skip


def _plain_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as names: XGBoost and LightGBM refuse signs such as < and [."""
    return frame.set_axis([f"c{n}" for n in range(frame.shape[1])], axis=1)


PEERS: dict[str, Peer] = {
    "LightGBM": lightgbm, "CatBoost": catboost, "sklearn, boosting": boosted, "sklearn, linear": linear,
    "XGBoost": xgboost, "sklearn, neighbours": nearest,
}  # fmt: skip
RIVALS = ("LightGBM", "CatBoost", "sklearn, boosting", "sklearn, linear")  # of which the best is to be reached
OWN_LIBRARY = {
    "xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost", "linear-learner": "sklearn, linear",
    "knn": "sklearn, neighbours",
}  # fmt: skip
