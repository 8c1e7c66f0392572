"""What the numbers mean that an algorithm answers for one row."""

from enum import Enum


class Answer(Enum):
    """The numbers of one row of a CSV answer, in order. JSON answers carry the same numbers under AWS's field names."""

    SCORES = "one score, or one for each class"
    SCORES_AND_LABEL = "one score, or one for each class; then the predicted class or value"
    LABEL = "the predicted class or value"
    CLUSTER = "the number of the closest cluster, and the distance to its center"
    PROJECTION = "the row's place on each component"
    ANOMALY_SCORE = "a score that is higher the less the row is like the others"
