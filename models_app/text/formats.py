"""Puts numbers and times the way the console writes them: 48,210; 9.4 MB; 26 minutes ago."""

import math
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

# What people call a metric; anything else keeps its own name.
METRIC_NAMES = {
    "auc": "AUC",
    "aucpr": "AUC-PR",
    "logloss": gettext_noop("Log loss"),
    "mlogloss": gettext_noop("Log loss"),
    "error": gettext_noop("Error"),
    "merror": gettext_noop("Error"),
    "accuracy": gettext_noop("Accuracy"),
    "rmse": "RMSE",
    "mse": "MSE",
    "mae": "MAE",
    "mape": "MAPE",
    "r2": "R²",
    "f1": "F1",
    "precision": gettext_noop("Precision"),
    "recall": gettext_noop("Recall"),
    "binary_logloss": gettext_noop("Log loss"),
    "multi_logloss": gettext_noop("Log loss"),
    "multiclass": gettext_noop("Log loss"),
    "binary_error": gettext_noop("Error"),
    "multi_error": gettext_noop("Error"),
    "average_precision": gettext_noop("Average precision"),
    "l1": "MAE",
    "l2": "MSE",
    "roc_auc_score": "AUC",
    "binary_classification_accuracy": gettext_noop("Accuracy"),
    "multiclass_accuracy": gettext_noop("Accuracy"),
    "binary_f_beta": "F-beta",
    "absolute_loss": "MAE",
    "objective_loss": gettext_noop("Objective loss"),
    "explained_variance": gettext_noop("Explained variance"),
    "msd": gettext_noop("Mean squared distance"),
    "ssd": gettext_noop("Sum of squared distances"),
}
FOUR_DECIMALS = {
    "auc", "aucpr", "logloss", "mlogloss", "binary_logloss", "multi_logloss", "multiclass", "roc_auc_score",
}  # fmt: skip
AS_NEEDED = {"rmse", "mse", "mae", "rmsle", "l1", "l2", "absolute_loss", "msd", "ssd"}
UNITS = ("KB", "MB", "GB", "TB", "PB")


def metric_key(name: str) -> str:
    """ "validation:auc" and "validation-auc" are both "auc"."""
    return name.replace("-", ":").removesuffix(":final").rpartition(":")[2].lower()


def metric_name(name: str) -> str:
    key = metric_key(name)
    return _(METRIC_NAMES[key]) if key in METRIC_NAMES else key.replace("_", " ")


def metric(value: float | None, name: str = "") -> str:
    """Four decimals for AUC and log loss, as many as needed for errors in the target's unit, three for others."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    key = metric_key(name)
    if key == "objective_loss" and abs(value) < 10:
        return f"{value:.4f}"
    if key in FOUR_DECIMALS:
        return f"{value:.4f}"
    if key in AS_NEEDED or key == "objective_loss":
        whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
        return f"{value:,.{max(0, 4 - whole)}f}"
    return f"{value:.3f}"


def size(count: int | None) -> str:
    """Bytes, in decimal units as S3 prints them."""
    if count is None:
        return "-"
    if count < 1000:
        return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}
    value = float(count)
    for unit in UNITS:
        value /= 1000
        if value < 999.5 or unit == UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


def ago(at: datetime, today: datetime | None = None) -> str:
    """Relative for a week ("26 minutes ago"), then the date."""
    seconds = ((today or now()) - at).total_seconds()
    if seconds < 45:
        return _("just now")
    if seconds < 45 * 60:
        count = max(1, round(seconds / 60))
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    if seconds < 22 * 3600:
        count = max(1, round(seconds / 3600))
        return ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    if seconds < 7 * 86400:
        count = max(1, round(seconds / 86400))
        return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}
    return date_format(localtime(at), "Y-m-d")
