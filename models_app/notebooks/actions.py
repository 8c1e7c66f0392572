"""What can be done with a notebook instance: start, stop, keep running, change its settings, delete."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.db.nudge import nudge
from models_app.account.post_only import post_only
from models_app.notebooks import instances
from models_app.notebooks.forms import IDLE, SettingsForm, size_tiles
from models_app.notebooks.lookup import TOPIC, changes_notebook, explain_outage, page_url
from models_app.notebooks.notebook import Notebook
from models_app.problems import Problem

STOPPABLE = ("Pending", "InService", "Stopping")


@post_only("notebook", "name")
@explain_outage
@changes_notebook
def notebook_start(request, row):
    """Start a stopped one."""
    return _do(request, row, lambda row: row.can_start, instances.start, _("Starting notebook %(name)s."))


@post_only("notebook", "name")
@explain_outage
@changes_notebook
def notebook_stop(request, row):
    """Stop one; a second time, while it stops, kills what runs."""
    words = _("Stopping notebook %(name)s. Its files stay.")
    return _do(request, row, lambda row: row.status in STOPPABLE, instances.stop, words)


@post_only("notebook", "name")
@explain_outage
@changes_notebook
def notebook_keep(request, row):
    """Put its idle stop off by an hour."""
    words = _("Notebook %(name)s runs for another hour.")
    return _do(request, row, lambda row: row.status == "InService", lambda _name: instances.keep(row), words)


@require_http_methods(["GET", "POST"])
@explain_outage
@changes_notebook
def notebook_settings(request, row):
    """Size, idle stop, disk and script of a stopped one."""
    if not row.can_start:
        words = _("Stop notebook %(name)s first: its settings change while it is stopped.")
        messages.error(request, words % {"name": row.name})
        return redirect("notebook", name=row.name)
    script = instances.script_of(row)
    initial = {"instance_type": row.instance_type, "idle_minutes": row.idle_minutes, "volume_gb": row.volume_gb}
    form = SettingsForm(
        request.POST or None,
        initial=initial | {"script": script},
        min_gb=row.volume_gb,
        current=row.instance_type,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        changed = data["script"] if data["script"] != script.strip() else None
        try:
            instances.change(row, data["instance_type"], data["volume_gb"], int(data["idle_minutes"]), changed)
        except Problem as problem:
            form.add_error(None, str(problem))
        else:
            nudge(TOPIC)
            messages.success(request, _("Saved. The next start of %(name)s has the new settings.") % {"name": row.name})
            return redirect("notebook", name=row.name)
    context = {"notebook": row, "form": form, "tiles": size_tiles(row.instance_type), "idle": _idle_choices(row)}
    return render(request, "notebooks/settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@explain_outage
@changes_notebook
def notebook_delete(request, row):
    """A page that says what is lost; the POST deletes the instance with its files."""
    if request.method == "GET":
        return render(request, "notebooks/delete.html", {"notebook": row})
    if not row.can_start:
        messages.error(request, _stale(row))
        return redirect("notebook", name=row.name)
    try:
        instances.delete(row)
    except Problem as problem:
        messages.error(request, _("Failed to delete notebook %(name)s: %(why)s") % {"name": row.name, "why": problem})
        return redirect("notebook", name=row.name)
    nudge(TOPIC)
    messages.success(request, _("Deleting notebook %(name)s with its files.") % {"name": row.name})
    return redirect("notebooks")


def _do(request, row: Notebook, is_due: Callable[[Notebook], bool], verb, words: str):
    """Do something to an instance, and go back to its page, or to the list.

    `is_due` says whether it is in a state for that: the button may be of an old page.
    """
    if not is_due(row):
        messages.error(request, _stale(row))
    else:
        try:
            verb(row.name)
        except Problem as problem:
            messages.error(request, str(problem))
        else:
            nudge(TOPIC)
            messages.success(request, words % {"name": row.name})
    if request.POST.get("next") == "list":
        return redirect("notebooks")
    return redirect(page_url(row.name, request.POST.get("with", "")))


def _stale(row: Notebook) -> str:
    words = _("Nothing was done: notebook %(name)s is no longer as the page showed it. Its status is %(status)s.")
    return words % {"name": row.name, "status": _(row.status_word)}


def _idle_choices(row: Notebook) -> list[tuple[int, Any]]:
    more = [] if row.idle_minutes in IDLE else [(row.idle_minutes, _("%(n)s minutes") % {"n": row.idle_minutes})]
    return [*IDLE.items(), *more]
