"""A comparison as CSV: a row for each member, a column for everything that is known of it."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _

from models_app.compare.lines import MISSING
from models_app.compare.page import Comparison
from models_app.text.spreadsheets import safe


def csv_of(comparison: Comparison) -> str:
    """Figures as full numbers, with difference from the baseline and its interval; everything else as the page."""
    tests = [figure for figure in comparison.figures if figure.is_of_test]
    others = [figure for figure in comparison.figures if not figure.is_of_test]
    texts = [
        line for section in comparison.sections if section.key not in ("test", "reported") for line in section.lines
    ]
    header = [_("Name"), _("Baseline")]
    for figure in tests:
        header += [figure.title, *(f"{figure.title}, {word}" for word in (_("change"), _("95% from"), _("95% to")))]
    header += [figure.title for figure in others] + [line.name for line in texts]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(safe(cell) for cell in header)
    for member in comparison.members:
        row = [safe(member.name), safe(_("Yes") if member is comparison.base else "")]
        for figure in tests:
            one = figure.differences.get(member.index, {})
            row += [_number(value) for value in (figure.values[member.index], *map(one.get, ("value", "low", "high")))]
        row += [_number(figure.values[member.index]) for figure in others]
        cells = [line.cells[member.index].text for line in texts]
        row += ["" if cell == MISSING else safe(cell) for cell in cells]
        writer.writerow(row)
    return out.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
