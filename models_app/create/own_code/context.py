"""The context of the form for people's own code: its table, what the checks say, its trial, its sidebar."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from algorithms.contract import DataContract
from jobs.code_plan import plan_code
from models_app.aws import job_spec
from models_app.create import code_checks, recipe_form
from models_app.create.own_code.form import CodeForm
from models_app.create.own_code.sandbox import sandbox
from models_app.create.own_code.trial_view import trial_view
from models_app.create.panel import Panel
from models_app.create.preview import preview
from models_app.data.inspection import inspect_table
from models_app.models import Trial
from models_app.training import trial as trials
from preflight import Finding, Report
from tables import Inspection

UNNAMED = "my-model"


def code_context(form: CodeForm, user: Any) -> dict[str, Any]:
    """What the template needs beside the form itself."""
    inspected = inspected_table(form)
    table = inspected.get("inspection")
    report = _report(form, table, inspected)
    context = inspected | {"form": form, "report": report, "panel": Panel(report)}
    if table:
        for column in table.columns:  # the code gets every column
            column.role = "target" if column.name == table.target_suggestion else "feature"
        context["preview"] = preview(table, form.recipe, report, "", DataContract())
        form.recipe = recipe_form.restricted(form.recipe, [column.name for column in table.columns])
    return context | trial_context(form, user) | {"sandbox": sandbox(form.spec())}


def trial_context(form: CodeForm, user: Any, trial: Trial | None = None) -> dict[str, Any]:
    """The trial's card."""
    trial = trial or trials.latest(user, str(form["intent"].value()))
    return {"form": form, "trial": trial_view(trial, form), "costs": settings.BACKEND == "aws"}


def inspected_table(form: CodeForm) -> dict[str, Any]:
    """{"inspection"} of the form's table, {"data_problem"} where it cannot be read, {} while there is none."""
    uri = (form["data_uri"].value() or "").strip()
    if not uri:
        return {}
    target = form.recipe.target
    inspected = inspect_table(uri, form.recipe, True)
    if "data_problem" in inspected and inspected["data_problem"].field == "target":
        form.recipe.target = ""
        inspected = {"data_problem": inspected["data_problem"]} | inspect_table(uri, form.recipe, True)
        form.recipe.target = target
    return inspected


def plan_of(form: CodeForm):
    """The plan of launching `form`, for its programs."""
    spec = form.spec()
    table = inspected_table(form).get("inspection")
    target = spec.recipe.target or (table.target_suggestion if table else "")
    spec.recipe.target = target
    return plan_code(job_spec.in_account(spec.but(name=spec.name or UNNAMED)), table)


def _report(form: CodeForm, table: Inspection | None, inspected: dict[str, Any]) -> Report:
    findings = code_checks.findings(form.spec(), table)
    if problem := inspected.get("data_problem"):
        findings.append(Finding("code.data", "err", _("The training data can't be read"), problem.message, "data_uri"))
    rows, complete = (table.rows_seen, table.complete) if table else (0, False)
    return Report(findings, rows=rows, complete=complete)
