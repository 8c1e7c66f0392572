"""The list of mistakes above the Create model form: what each control is called there, in the order of the page."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from models_app.create import hyperparameters, options


def summary(errors: Mapping[str, list[str]], labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(id to jump to, label, message) of every message in `errors`, which are by field, in the order of `labels`."""
    order = [*labels]
    entries = []
    for field, messages in errors.items():
        label = labels.get(field) or field.removeprefix(hyperparameters.PREFIX).replace("__all__", "")
        position = order.index(field) if field in order else len(order)
        entries += [(position, "" if field == "__all__" else field, label, message) for message in messages]
    return [entry[1:] for entry in sorted(entries, key=lambda entry: entry[0])]


def control_labels() -> dict[str, str]:
    """{field: what its control is called}, in the order of the page."""
    return {
        "name": _("Name"),
        "algorithm": _("Algorithm"),
        "data_uri": _("Training data"),
        "files": _("Upload"),
        "columns": _("Columns"),
        "target": _("Target column"),
        "class_weights": _("Class weights"),
        "header": _("First row"),
        "delimiter": _("Cells end at"),
        "quoting": _("Quotes"),
        "align_names": _("Column names stand"),
        "encoding": _("Encoding"),
        "ragged": _("Rows of another width"),
        "unlabelled": _("Rows without a label"),
        "label_words": _("None, NA and the like as labels"),
        "label_case": _("Spellings of labels"),
        "duplicates": _("Repeated rows"),
        "reading": _("How the file is read"),
        "validation": _("Validation data"),
        "validation_share": _("Validation data"),
        "validation_uri": _("Validation location"),
        "time_column": _("Time column"),
        "group_column": _("Group column"),
        "test_share": _("Test rows"),
        "refit": _("Final model learns from"),
        "unseen": _("Unseen categories"),
        "seed": _("Seed"),
    } | options.labels()
