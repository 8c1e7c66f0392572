"""What speaks for and against a table as the Create model form describes it, as a preflight report."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app import formats
from models_app.draft import Draft
from preflight import Finding, Fix, Report
from tables import Column, Inspection


def report(draft: Draft, found: Inspection) -> Report:
    """Every finding on `found` under `draft`. A check on a part of the file says so."""
    target = found.column(draft.recipe.target) or found.column(found.target_suggestion)
    findings = [_unusable(column) for column in found.columns if column.problem and column.role == "feature"]
    for column in [column for column in found.columns if column.missing][:3]:
        text = ngettext("%(n)s row. Read as missing; no action is needed.",
                        "%(n)s rows. Read as missing; no action is needed.", column.missing)  # fmt: skip
        title = _("Missing values in %(column)s") % {"column": column.name}
        findings.append(Finding("missing", "warn", title, text % {"n": f"{column.missing:,}"}, column=column.name))
    objects = ngettext("%(n)d object", "%(n)d objects", found.objects) % {"n": found.objects}
    findings.append(Finding("location", "ok", _("Location is readable"), f"{objects}, {formats.size(found.size)}"))
    if found.has_header:
        text = _("Columns are matched by name; the header is not used as data.")
        findings.append(Finding("header", "ok", _("Header row found"), text))
    else:
        findings.append(Finding("header", "ok", _("No header row"), _("Columns are numbered; every row is data.")))
    if target:
        findings.append(Finding("target", "ok", _("Target can be learned"), found.task_reason or target.name))
    return Report(findings, found.rows_seen, found.complete, found.etag)


def _unusable(column: Column) -> Finding:
    out = Fix(_("Leave out %(column)s") % {"column": column.name}, {"recipe.excluded": [column.name]})
    return Finding("unusable", "err", column.name, column.problem, "data_uri", column=column.name, fixes=(out,))
