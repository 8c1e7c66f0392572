"""Suggests the task for a target, with a reason."""

from common.messages import _

MAX_CLASSES = 100
MAX_NUMBER_CLASSES = 20


def suggest_task(kind: str, unique: int, whole: bool) -> tuple[str, str]:
    """(task, reason) for a target of `kind` with `unique` values; `whole` when all its numbers are whole.

    The task is '' when the column cannot be predicted.
    """
    if unique < 2:
        return "", _("The column has one value only, so there is nothing to learn.")
    if kind == "datetime":
        return "", _("The column holds dates; choose a column of numbers or of a few classes.")
    if unique == 2:
        return "binary", _("The column has two values.")
    if kind != "number":
        if unique <= MAX_CLASSES:
            return "multiclass", _("The column has %(unique)s different words.", unique=unique)
        return "", _(
            "The column has %(unique)s different texts; choose a column of numbers or of a few classes.",
            unique=f"{unique:,}",
        )
    if whole and unique <= MAX_NUMBER_CLASSES:
        return "multiclass", _("The column has %(unique)s different whole numbers.", unique=unique)
    return "regression", _("The column holds numbers of many sizes.")


def is_classification(task: str) -> bool:
    """True for binary and multiclass."""
    return task in ("binary", "multiclass")
