"""The meaning of the scores in an answer about classes or numbers; their size says nothing about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ScoreKind(StrEnum):
    """What a score is: a margin of 0.7 and a probability of 0.7 look the same."""

    PROBABILITY = "probability"  # of the second of two classes, or of each class
    MARGIN = "margin"  # of the second of two classes, which it speaks for above 0
    CLASS = "class"  # the position of the predicted class
    VALUE = "value"  # a number on the scale of the label, or one that orders rows


def score_kind_of_task(hyperparameters: Mapping[str, str], task: str) -> ScoreKind:
    """The kind of an algorithm that answers probabilities of classes, and numbers otherwise."""
    return ScoreKind.PROBABILITY if task in ("binary", "multiclass") else ScoreKind.VALUE
