"""The context of the Create model page: the form's table, and what preflight says of it."""

from django.utils.translation import gettext as _

from jobs import JobSpec
from models_app.account.roles import may_change
from models_app.create import checks, recipe_changes, recipe_form
from models_app.create.algorithm_choices import hint
from models_app.create.form import CreateForm
from models_app.create.panel import FixButton, Panel
from models_app.create.preview import preview
from models_app.create.table_scan import table_scan
from models_app.data import scans
from models_app.data.inspection import inspect_table
from models_app.problems import Problem
from models_app.work import table_work
from preflight import Finding, Fix, JobData, Report, as_problem
from tables import Inspection
from tables.task import is_classification

NAME_CHECKS = ("account.name", "account.endpoint")


def form_context(form: CreateForm, user=None, rescan: bool = False) -> dict:
    """What the template needs of the form's data: its preview, or why there is none.

    Takes out of the form's recipe what it says of columns that do not exist; a wrong target stays, to be seen.
    `rescan` reads the whole table although that was cancelled or failed before.
    """
    uri = (form["data_uri"].value() or "").strip()
    if not uri:
        return {"report": _report(form, JobData())}
    target = form.recipe.target
    inspected = inspect_table(uri, form.recipe, form.selected_algorithm.supervised)
    if "data_problem" in inspected and inspected["data_problem"].field == "target":
        form.recipe.target = ""
        inspected = {"data_problem": inspected["data_problem"]} | inspect_table(
            uri, form.recipe, form.selected_algorithm.supervised
        )
    if "inspection" not in inspected:
        form.recipe.target = target
        report = _report(form, _data(form, inspected))
        return inspected | {"report": report, "panel": Panel(report, _recipe_fixes(form))}
    table = inspected["inspection"]
    form.recipe = recipe_form.restricted(form.recipe, [column.name for column in table.columns])
    if rescan:
        scans.start(user, table.uri, table.etag, form.recipe)
    scan = table_scan(user, form.recipe, table)
    report = _report(form, _data(form, inspected))
    fixes = _recipe_fixes(form, table)
    form.recipe.target = target
    algorithm = form.selected_algorithm
    task = algorithm.task_of(form.spec().hyperparameters, table.task) if algorithm.supervised else ""
    return {
        "inspection": table,
        "has_classes": is_classification(task),
        "report": report,
        "preview": preview(table, form.recipe, report, form.find, algorithm.data),
        "panel": Panel(report, fixes, table.rows_total),
        "hint": hint(table, algorithm, task),
        "scan": scan,
        "may_cancel": scan and user and may_change(user, scan),
    }


def launch_context(form: CreateForm) -> tuple[JobData, Report]:
    """(what is known of the data, what preflight says of the job) of `form` exactly as it would be submitted."""
    spec = form.spec()
    inspected = inspect_table(spec.data_uri, spec.recipe, form.selected_algorithm.supervised) if spec.data_uri else {}
    data = _data(form, inspected)
    return data, _report(form, data)


def problems_of(report: Report) -> list[Problem]:
    """What blocks the job, as problems at the form's fields."""
    return [as_problem(finding) for finding in report.findings if finding.level == "err"]


def _data(form: CreateForm, inspected: dict) -> JobData:
    return checks.job_data(_unnamed(form), inspected.get("inspection"), inspected.get("data_problem"))


def _report(form: CreateForm, data: JobData) -> Report:
    """The preflight report of the form, without names: those are checked where they are typed."""
    report = checks.report(_unnamed(form), data)
    report.findings = [f for f in report.findings if f.field not in checks.NAME_FIELDS and f.id not in NAME_CHECKS]
    if data.inspection and form.is_raw and data.inspection.size > table_work.LARGE:
        report.findings = [_too_large(), *report.findings]
    return report


def _unnamed(form: CreateForm) -> JobSpec:
    return form.spec().but(algorithm=form.selected_algorithm.name, name="", endpoint_name="")


def _too_large() -> Finding:
    title = _("The file is too large to check its bytes while you wait")
    text = _("They are checked before the training job starts.")
    fix = Fix(_("Let the console prepare the table"), {"recipe.prepare": True})
    return Finding("format.time", "warn", title, text, "recipe.prepare", fixes=(fix,), unknown=True)


def _recipe_fixes(form: CreateForm, table: Inspection | None = None) -> list[FixButton]:
    return [FixButton.of(fix) for fix in recipe_changes.undo_fixes(form.recipe, table)]
