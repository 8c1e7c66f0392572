"""Real tables to try things on: scikit-learn's own, as CSV with a header and the column to predict last."""

import csv
import io
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One table. `target` is its last column; `rows` does not count the header."""

    name: str
    target: str
    rows: int
    csv: bytes


def load() -> list[Sample]:
    """All sample tables; text classes stay text, as they do in the files people bring."""
    from sklearn import datasets  # costs a second; only who asks for samples pays it

    return [
        _sample("breast-cancer", "diagnosis", datasets.load_breast_cancer()),
        _sample("iris", "species", datasets.load_iris()),
        _sample("wine", "cultivar", datasets.load_wine()),
        _sample("diabetes", "progression", datasets.load_diabetes(scaled=False)),
    ]


def _sample(name: str, target: str, bunch) -> Sample:
    classes = getattr(bunch, "target_names", None)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*bunch.feature_names, target])
    for features, label in zip(bunch.data, bunch.target, strict=True):
        writer.writerow([*map(_number, features), classes[label] if classes is not None else _number(label)])
    return Sample(name, target, len(bunch.target), out.getvalue().encode())


def _number(value) -> str:
    """The shortest text that reads back as the same number; whole numbers without '.0'."""
    return repr(float(value)).removesuffix(".0")
