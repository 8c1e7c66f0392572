"""Real tables as people have them: a header, the label last."""

import polars as pl
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris


def _csv(data, labels) -> str:
    frame = pl.DataFrame(data.data, schema=[str(name) for name in data.feature_names])
    return frame.with_columns(target=pl.Series(labels)).write_csv()


def breast_cancer() -> str:
    data = load_breast_cancer()
    return _csv(data, data.target)


def iris() -> str:
    """The label as words: setosa, versicolor, virginica."""
    data = load_iris()
    return _csv(data, [str(data.target_names[i]) for i in data.target])


def diabetes() -> str:
    data = load_diabetes()
    return _csv(data, data.target)
