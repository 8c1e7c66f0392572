"""The weight of the positive class with which two classes count the same."""


def positive_weight(counts: tuple[int, ...]) -> str:
    """Return the rows of the first class for each row of the second, as the text of a hyperparameter."""
    negatives, positives = counts
    return f"{max(negatives, 1) / max(positives, 1):.5g}"
