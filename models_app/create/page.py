"""What stands on the Create model page beside the form itself: the data as it is found, and what was checked of it."""

import hashlib
import json

from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import algorithms
from models_app.account.roles import has_role, may_change
from models_app.aws import s3_store
from models_app.create import checks, hyperparameters, recipe_form
from models_app.create.algorithm_choices import hint
from models_app.create.form import CreateForm
from models_app.create.panel import Panel, Press
from models_app.create.preview import preview
from models_app.data import scans
from models_app.models import Scan
from models_app.models.person import Role
from models_app.problems import Problem
from models_app.work import read_slots
from preflight import Finding, Fix, Report
from tables import Inspection, Recipe, Source, inspector

READ_BY = ("has_header", "delimiter", "encoding", "types", "numbers", "bad_cells")  # what changes a look
NAMES = ("account.name", "account.endpoint")
REMEMBERED = 900  # seconds


def acted(data) -> tuple[CreateForm, str]:
    """The form after the button in `data` that was pressed, and what that did, in words ("" when it was none)."""
    form = CreateForm(data).unchecked()
    for button in ("fix", "undo"):
        if button in data:
            label, changes = fix_of(data[button])
            made = form.having(changes, undo=button == "undo")
            return followed(made, form.chosen.name), label
    before = data.get("of-algorithm", "")
    if "preset" in data:
        form.given = dict(form.chosen.presets.get(data["preset"], form.given))
    elif "reset" in data:
        form.given = _reset(form, data["reset"])
    else:
        form = followed(form, before)
    return form, ""


def changes_hyperparameters(data) -> bool:
    """What was pressed or chosen sets hyperparameters, so that their part of the page is to be shown anew."""
    if "fix" in data or "undo" in data:
        _label, changes = fix_of(data.get("fix") or data.get("undo", ""))
        return any(name == "algorithm" or name.startswith(hyperparameters.PREFIX) for name in changes)
    other = data.get("of-algorithm", "") not in ("", data.get("algorithm", ""))
    return other or "preset" in data or "reset" in data


def followed(form: CreateForm, before: str) -> CreateForm:
    """`form`, whose algorithm was `before`, with the hyperparameters of the one chosen now."""
    if before in algorithms.ALGORITHMS and before != form.chosen.name:
        form.given = hyperparameters.carried(algorithms.get(before), form.chosen, form.given)
    return form


def fix_of(text: str) -> tuple[str, dict]:
    """(label, changes) of a fix as a button or a link carries it; ("", {}) when it is none."""
    try:
        given = json.loads(text)
        return str(given["label"]), dict(given["changes"])
    except (ValueError, TypeError, KeyError):
        return "", {}


def _reset(form: CreateForm, name: str) -> dict[str, str]:
    """The hyperparameters with `name`, or with "" all of them, back at the default; required ones at the preset."""
    usual = hyperparameters.start(form.chosen)
    needed = {spec.name: usual.get(spec.name, "") for spec in form.chosen.hyperparameters if spec.required}
    if not name:
        return needed
    return form.given | {name: needed.get(name, "")}


def seen(form: CreateForm, user=None, again: bool = False) -> dict:
    """What the template needs of the form's data: its preview, or why there is none.

    Takes out of the form's recipe what it says of columns that are not there; a wrong target stays, to be seen.
    `again` reads the whole table although that was cancelled or failed before.
    """
    uri = (form["data_uri"].value() or "").strip()
    if not uri:
        return {"report": _report(form, None)}
    target = form.recipe.target
    found = look(uri, form.recipe, form.chosen.supervised)
    if "data_problem" in found and found["data_problem"].field == "target":
        form.recipe.target = ""
        found = {"data_problem": found["data_problem"]} | look(uri, form.recipe, form.chosen.supervised)
    if "inspection" not in found:
        form.recipe.target = target
        report = _report(form, None, found["data_problem"])
        return found | {"report": report, "panel": Panel(report, _applied(form))}
    table = found["inspection"]
    form.recipe = recipe_form.fitting(form.recipe, [column.name for column in table.columns])
    if again:
        scans.start(user, table.uri, table.etag, form.recipe)
    scan = scanned(user, form.recipe, table)
    report = _report(form, table, found.get("data_problem"))
    changes = _applied(form)
    form.recipe.target = target
    return {
        "inspection": table,
        "report": report,
        "preview": preview(table, form.recipe, report, form.find, form.chosen.supervised),
        "panel": Panel(report, changes, table.rows_total),
        "hint": hint(table),
        "scan": scan,
        "may_cancel": scan and user and may_change(user, scan),
    }


def _report(form: CreateForm, table: Inspection | None, problem: Problem | None = None) -> Report:
    """What preflight says of the form. Names are not its business here: that is said where they are typed."""
    spec = form.spec().but(algorithm=form.chosen.name, name="", endpoint_name="")
    said = checks.report(spec, table, problem)
    said.findings = [one for one in said.findings if one.field not in checks.OURS and one.id not in NAMES]
    if table and form.is_raw and table.size > read_slots.LARGE:
        said.findings = [_too_large(), *said.findings]
    return said


def complaints(report: Report) -> list[Problem]:
    """What is wrong with hyperparameters, for their fields."""
    return [checks.as_problem(one) for one in report.findings if one.level == "err" and one.field.startswith("hp-")]


def _too_large() -> Finding:
    title = _("The file is too large to check its bytes while you wait")
    text = _("They are checked before the training job starts.")
    fix = Fix(_("Let the console prepare the table"), {"recipe.prepare": True})
    return Finding("format.time", "warn", title, text, "recipe.prepare", fixes=(fix,), unknown=True)


def _applied(form: CreateForm) -> list[Press]:
    return [Press.of(fix) for fix in recipe_form.applied(form.recipe)]


def scanned(user, how: Recipe, table: Inspection) -> Scan | None:
    """The full read of a table of which only a part was inspected: begun here when nobody asked for it before."""
    if table.complete or table.format == "libsvm":
        return None
    found = scans.find(table.uri, table.etag, how)
    if found or user is None or not has_role(user, Role.EDITOR):
        return found
    unfinished = Scan.objects.filter(owner=user, uri=table.uri, status__in=(Scan.Status.QUEUED, Scan.Status.RUNNING))
    for other in unfinished:  # of the same table, read as nobody wants it read any more
        scans.cancel(other)
    return scans.start(user, table.uri, table.etag, how)


def ended(user, number: str) -> None:
    """Cancel the scan `number`, if it is the person's own: another's may be waited for."""
    scan = Scan.objects.filter(pk=int(number) if number.isdecimal() else 0).first()
    if scan and may_change(user, scan):
        scans.cancel(scan)


def look(uri: str, how: Recipe | None = None, supervised: bool = True) -> dict:
    """{"inspection"} of the table at `uri`, or {"data_problem"}.

    An inspection is remembered for as long as its objects stay the same: a form asks at every change.
    """
    how = how or Recipe()
    try:
        source = s3_store.locate(uri)
        key = _remembered_as(source, how, how.target, supervised)
        found = cache.get(key)
        if found is None:
            read = recipe_form.sane({name: getattr(how, name) for name in (*READ_BY, "target")})
            found = inspector.inspect_source(source, read, supervised)
            for target in {how.target, how.target or found.target_suggestion}:  # the page sends the suggested one back
                cache.set(_remembered_as(source, how, target, supervised), found, REMEMBERED)
    except Problem as problem:
        return {"data_problem": problem}
    for column in found.columns:
        if column.name in how.excluded and column.role == "feature":
            column.role = "excluded"
    return {"inspection": found}


def _remembered_as(source: Source, how: Recipe, target: str, supervised: bool) -> str:
    read = {name: getattr(how, name) for name in READ_BY}
    said = json.dumps([source.uri, source.etag, read, target, supervised, get_language()], sort_keys=True)
    return f"inspection:{hashlib.sha256(said.encode()).hexdigest()}"
