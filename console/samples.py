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


@dataclass(frozen=True)
class Offer:
    """A sample before it is loaded: what a page needs to offer it."""

    name: str
    title: str
    target: str
    task: str  # binary | multiclass | regression
    source: str  # the loader's name in sklearn.datasets


OFFERS = (
    Offer("breast-cancer", "Breast cancer", "diagnosis", "binary", "load_breast_cancer"),
    Offer("iris", "Iris", "species", "multiclass", "load_iris"),
    Offer("wine", "Wine", "cultivar", "multiclass", "load_wine"),
    Offer("diabetes", "Diabetes", "progression", "regression", "load_diabetes"),
    Offer("digits", "Handwritten digits", "digit", "multiclass", "load_digits"),
)
BY_NAME = {offer.name: offer for offer in OFFERS}


def load() -> list[Sample]:
    """All sample tables; text classes stay text, as they do in the files people bring."""
    return [load_one(offer.name) for offer in OFFERS]


def load_one(name: str) -> Sample:
    """The sample called `name`. Raises KeyError."""
    from sklearn import datasets  # costs a second; only who asks for samples pays it

    offer = BY_NAME[name]
    scaled = {"scaled": False} if offer.name == "diabetes" else {}
    return _sample(offer, getattr(datasets, offer.source)(**scaled))


def _sample(offer: Offer, bunch) -> Sample:
    classes = getattr(bunch, "target_names", None)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*bunch.feature_names, offer.target])
    for features, label in zip(bunch.data, bunch.target, strict=True):
        writer.writerow([*map(_number, features), classes[label] if classes is not None else _number(label)])
    return Sample(offer.name, offer.target, len(bunch.target), out.getvalue().encode())


def _number(value) -> str:
    """The shortest text that reads back as the same number; whole numbers without '.0'."""
    return repr(float(value)).removesuffix(".0")
