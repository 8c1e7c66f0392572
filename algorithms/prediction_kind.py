"""The meaning of the numbers that an algorithm returns for one row."""

from enum import Enum


class PredictionKind(Enum):
    """The numbers of one row of a CSV response, in order.

    JSON responses carry the same numbers under AWS's field names.
    """

    SCORES = "one score, or one for each class"
    SCORES_AND_LABEL = "one score, or one for each class; then the predicted class or value"
    LABEL = "the predicted class or value"
    CLUSTER = "the number of the closest cluster, and the distance to its center"
    PROJECTION = "the row's coordinate on each component"
    ANOMALY_SCORE = "a score that is higher the less the row is like the others"
