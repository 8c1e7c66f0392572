"""Puts numbers and times the way the console writes them: 48,210; 9.4 MB; 26 minutes ago."""

import math
import re
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from common.messages import Message

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
    "score_quantile_0.9": gettext_noop("Training score, 90th percentile"),
    "score_quantile_0.95": gettext_noop("Training score, 95th percentile"),
    "score_quantile_0.99": gettext_noop("Training score, 99th percentile"),
    "explained_variance": gettext_noop("Explained variance"),
    "msd": gettext_noop("Mean squared distance"),
    "ssd": gettext_noop("Sum of squared distances"),
    "top2": gettext_noop("Top 2 accuracy"),
    "median_error": gettext_noop("Median error"),
    "mean_error": gettext_noop("Mean error"),
    "balanced_accuracy": gettext_noop("Balanced accuracy"),
    "balancedaccuracy": gettext_noop("Balanced accuracy"),
    "balancederrorrate": gettext_noop("Balanced error rate"),
    "f1_binary": gettext_noop("F1, two classes"),
    "f1_macro": gettext_noop("F1, mean over classes"),
    "totalf1": gettext_noop("F1, weighted by class size"),
    "macro_f_beta": gettext_noop("F-beta, mean over classes"),
    "precision_macro": gettext_noop("Precision, mean over classes"),
    "precision_micro": gettext_noop("Precision, all rows together"),
    "macro_precision": gettext_noop("Precision, mean over classes"),
    "recall_macro": gettext_noop("Recall, mean over classes"),
    "recall_micro": gettext_noop("Recall, all rows together"),
    "macro_recall": gettext_noop("Recall, mean over classes"),
    "multiclass_top_k_accuracy": gettext_noop("Accuracy of the k likeliest classes"),
    "map": gettext_noop("Mean average precision"),
    "ndcg": "NDCG",
    "dcg": "DCG",
    "rmsle": "RMSLE",
    "smape": "SMAPE",
    "mphe": gettext_noop("Mean pseudo-Huber error"),
    "aft-nloglik": gettext_noop("Negative log likelihood, AFT"),
    "cox-nloglik": gettext_noop("Negative log likelihood, Cox"),
    "gamma-nloglik": gettext_noop("Negative log likelihood, gamma"),
    "poisson-nloglik": gettext_noop("Negative log likelihood, Poisson"),
    "tweedie-nloglik": gettext_noop("Negative log likelihood, Tweedie"),
    "gamma-deviance": gettext_noop("Gamma deviance"),
    "huber": gettext_noop("Huber loss"),
    "fair": gettext_noop("Fair loss"),
    "cross_entropy": gettext_noop("Cross-entropy"),
    "crossentropy": gettext_noop("Cross-entropy"),
    "binary_classification_cross_entropy": gettext_noop("Cross-entropy"),
    "auc_mu": "AUC-mu",
    "prauc": "AUC-PR",
    "medianabsoluteerror": gettext_noop("Median absolute error"),
    "brierscore": gettext_noop("Brier score"),
    "normalizedgini": gettext_noop("Normalized Gini"),
    "kappa": gettext_noop("Cohen's kappa"),
    "wkappa": gettext_noop("Weighted kappa"),
    "mcc": gettext_noop("Matthews correlation"),
    "hingeloss": gettext_noop("Hinge loss"),
    "zerooneloss": gettext_noop("Zero-one loss"),
    "silhouette": gettext_noop("Silhouette"),
    "mean_distance": gettext_noop("Mean distance to center"),
    "davies_bouldin": gettext_noop("Davies-Bouldin index"),
    "calinski_harabasz": gettext_noop("Calinski-Harabasz index"),
    "flagged_share": gettext_noop("Flagged rows"),
    "highest_score": gettext_noop("Highest score"),
    "median_score": gettext_noop("Median score"),
    "first_component": gettext_noop("First component"),
    "first_two": gettext_noop("First two components"),
    "kept_variance": gettext_noop("Variance kept"),
    "lost_variance": gettext_noop("Variance lost"),
}
FOUR_DECIMALS = {
    "auc", "aucpr", "logloss", "mlogloss", "binary_logloss", "multi_logloss", "multiclass", "roc_auc_score",
}  # fmt: skip
AS_NEEDED = {
    "rmse", "mse", "mae", "median_error", "mean_error", "rmsle", "l1", "l2", "absolute_loss", "msd", "ssd",
    "mean_distance", "davies_bouldin", "calinski_harabasz",
}  # fmt: skip
SHARES = {"flagged_share", "first_component", "first_two", "kept_variance", "lost_variance"}  # in percent
CHANNEL = re.compile(r"(?:train|validation|test)[:-]")
UNITS = ("kB", "MB", "GB", "TB", "PB")


def metric_key(name: str) -> str:
    """Return the metric without its channel: "validation:auc" and "validation-auc" are both "auc".

    "validation:gamma-deviance" is "gamma-deviance".
    """
    name = CHANNEL.sub("", name).removesuffix(":final").removesuffix("-final")
    return (name if name.lower() in METRIC_NAMES else name.replace("-", ":").rpartition(":")[2]).lower()


def metric_in_english(name: str) -> str:
    """What metrics that are the same have in common, whatever each library calls it: "Log loss" for binary_logloss."""
    key = metric_key(name)
    return METRIC_NAMES.get(key, key)


def month_day(day: date) -> str:
    """A day of this year, short: "Dec 1"."""
    return date_format(day, pgettext("date format", "M j"))


def metric_name(name: str) -> str:
    """The metric's name for a person, in their language: "validation:auc" is "AUC"."""
    key = metric_key(name)
    return _(METRIC_NAMES[key]) if key in METRIC_NAMES else key.replace("_", " ")


def metric_message(name: str) -> str:
    """The same as a message, for sentences that are stored: each reader has it in their own language."""
    key = metric_key(name)
    return Message.render(METRIC_NAMES[key], {}) if key in METRIC_NAMES else key.replace("_", " ")


def metric(value: float | None, name: str = "") -> str:
    """Four decimals for AUC and log loss, as many as needed for errors in the target's unit, three for others.

    Shares of rows and of variance are in percent.
    """
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    key = metric_key(name)
    if key == "objective_loss" and abs(value) < 10:
        return f"{value:.4f}"
    if key in SHARES:
        return f"{100 * value:.1f}%"
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


def milliseconds(value: float | None) -> str:
    """Milliseconds as a latency is read: two digits below ten."""
    if value is None:
        return "-"
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.2g} ms"


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
    return f"{localtime(at):%Y-%m-%d}"
