"""Sentences on the rows that an evaluation measured."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.messages import from_json
from evaluation.kinds import KINDS


def rows_words(document: dict[str, Any]) -> str:
    """The sentences on rows that are not the model's test rows; "" for these."""
    on = document.get("on")
    if on is None:
        return ""
    values = {"rows": f"{document['rows']:,}", "all": f"{document['test_rows']:,}"}
    words = [_which(document, values)]
    if not on["is_whole"]:
        words.append(_("Only the beginning of the table was read, for it is too large."))
    if on["left_out"]:
        values |= {"n": f"{on['left_out']:,}", "why": str(from_json(on["why"]))}
        left_out = ngettext(
            "%(n)s row cannot be read as the model takes it and is left out: %(why)s",
            "%(n)s rows cannot be read as the model takes them and are left out. The first: %(why)s",
            on["left_out"],
        )
        words.append(left_out % values)
    return " ".join(words)


def sampled_words(document: dict[str, Any]) -> str:
    """A sentence on the figures that use a sample of the rows; "" without such figures."""
    sampled = document.get("sampled", document["rows"])
    if sampled >= document["rows"]:
        return ""
    words = _("Figures of distances and directions are computed of %(sampled)s of the rows, drawn at random.")
    return words % {"sampled": f"{sampled:,}"}


def _which(document: dict[str, Any], values: dict[str, str]) -> str:
    on = document["on"]
    is_sampled = document["rows"] + on["left_out"] < document["test_rows"]
    if "uri" in on:
        values |= {"uri": on["uri"]}
        words = _("Measured on %(rows)s rows of %(uri)s.")
        if is_sampled:
            words = _("Measured on %(rows)s of the %(all)s rows of %(uri)s, chosen evenly.")
        if on["is_training"] and document["kind"] not in KINDS:
            words += " " + _("The model was trained on rows of this table, so the figures are too good.")
        return words % values
    if is_sampled:
        words = _(
            "Measured on %(rows)s of the %(all)s rows of the table it was trained on. There is no right answer to hold "
            "back."
        )
        return words % values
    words = ngettext(
        "Measured on the %(rows)s row of the table it was trained on. There is no right answer to hold back.",
        "Measured on all %(rows)s rows of the table it was trained on. There is no right answer to hold back.",
        document["rows"],
    )
    return words % values
