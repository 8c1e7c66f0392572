"""Notebook instances: the list, one of them, and what can be done with it."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.db.nudge import nudge
from models_app import aws
from models_app.account.post_only import post_only
from models_app.account.roles import Action, may, may_change, requires
from models_app.notebooks import documents, instances, page, upload
from models_app.notebooks.forms import IDLE, CreateForm, SettingsForm, defaults, size_tiles
from models_app.notebooks.instances import Notebook
from models_app.notebooks.listing import listing
from models_app.problems import Problem
from models_app.web.errors import Gone
from models_app.web.render import render_page
from models_app.web.shared import shared

TOPIC = "notebooks"


def says_outage(view):
    """Answer with a page in words when SageMaker does not answer, or refuses to say anything about an instance."""

    @wraps(view)
    def guarded(request, name):
        try:
            return view(request, name)
        except (aws.Unavailable, aws.Refused) as problem:
            status = 503 if isinstance(problem, aws.Unavailable) else 422
            return render(request, "notebooks/problem.html", {"name": name, "problem": problem}, status=status)

    return guarded


@require_GET
@requires(Action.READ)
def notebooks(request):
    """Every notebook instance, with the one thing to do next about each."""
    context: dict[str, Any] = {"may_create": may(request.user, Action.CREATE), "examples": _examples()}
    try:
        rows = shared((TOPIC,), "notebooks", instances.all_notebooks)
    except Problem as problem:
        context |= {"outage": problem, "busy": False}
    else:
        context["list"] = listing(request, rows)
        context["busy"] = any(row.is_moving for row in rows)
    return render_page(request, "notebooks/list.html", context, part="notebooks/_rows.html")


@require_GET
@requires(Action.READ)
@says_outage
def notebook(request, name):
    """One instance: how far its start is, what it uses, its settings and its log."""
    return render_page(request, "notebooks/detail.html", _detail(request, name), part="notebooks/_parts.html")


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def notebook_create(request):
    """The form; the POST creates the instance and leads to its page, from which it opens when it is ready."""
    wanted = documents.find(request.GET.get("with", ""))
    form = CreateForm(request.POST or None, initial=defaults() | {"name": _suggested(request)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            instances.create(**data | {"idle_minutes": int(data["idle_minutes"])}, person=request.user)
        except aws.AlreadyExists:
            form.add_error("name", _("There is a notebook of this name. Choose another name."))
        except Problem as problem:
            form.add_error(None, str(problem))
        else:
            nudge(TOPIC)
            messages.success(request, _("Creating notebook %(name)s. It opens from here.") % {"name": data["name"]})
            return redirect(_address("notebook", data["name"], request.GET.get("with", "")))
    context = {"form": form, "tiles": size_tiles(), "idle": list(IDLE.items()), "with": request.GET.get("with", "")}
    context |= {"document": wanted, "running": _running(request) if wanted else [], "examples": _examples()}
    return render(request, "notebooks/create.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Action.CREATE)
@says_outage
def notebook_open(request, name):
    """Go to JupyterLab by a link that works once; `with` names a file that is put there first."""
    row = _find(name)
    if row.owner_id != request.user.pk:
        raise PermissionDenied(_("A notebook acts as its owner, who alone can open it."))
    wanted = documents.find(request.GET.get("with", ""))
    try:
        if wanted and wanted.content is not None:
            upload.put(instances.link(name), wanted)
        link = instances.link(name)
    except Problem as problem:
        messages.error(request, _("Notebook %(name)s does not open: %(why)s") % {"name": name, "why": problem})
        return redirect("notebook", name=name)
    return HttpResponseRedirect(f"{link}&{urlencode({'file': wanted.path})}" if wanted else link)


@post_only("notebook", "name")
@requires(Action.CHANGE)
@says_outage
def notebook_start(request, name):
    """Start a stopped one."""
    return _do(request, name, instances.start, _("Starting notebook %(name)s."))


@post_only("notebook", "name")
@requires(Action.CHANGE)
@says_outage
def notebook_stop(request, name):
    """Stop one; a second time, while it stops, kills what runs."""
    return _do(request, name, instances.stop, _("Stopping notebook %(name)s. Its files stay."))


@post_only("notebook", "name")
@requires(Action.CHANGE)
@says_outage
def notebook_keep(request, name):
    """Put its idle stop off by an hour."""
    row = _changeable(request, name)
    return _do(request, name, lambda _name: instances.keep(row), _("Notebook %(name)s runs for another hour."))


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
@says_outage
def notebook_settings(request, name):
    """Size, idle stop, disk and script of a stopped one."""
    row = _changeable(request, name)
    if not row.can_start:
        words = _("Stop notebook %(name)s first: its settings change while it is stopped.")
        messages.error(request, words % {"name": name})
        return redirect("notebook", name=name)
    script = instances.script_of(row)
    initial = {"instance_type": row.instance_type, "idle_minutes": row.idle_minutes, "volume_gb": row.volume_gb}
    form = SettingsForm(
        request.POST or None,
        initial=initial | {"script": script},
        least_gb=row.volume_gb,
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
            messages.success(request, _("Saved. The next start of %(name)s has the new settings.") % {"name": name})
            return redirect("notebook", name=name)
    context = {"notebook": row, "form": form, "tiles": size_tiles(row.instance_type), "idle": _idle_choices(row)}
    return render(request, "notebooks/settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
@says_outage
def notebook_delete(request, name):
    """A page that says what is lost; the POST deletes the instance with its files."""
    row = _changeable(request, name)
    if request.method == "GET":
        return render(request, "notebooks/delete.html", {"notebook": row})
    try:
        instances.delete(row)
    except Problem as problem:
        messages.error(request, _("Failed to delete notebook %(name)s: %(why)s") % {"name": name, "why": problem})
        return redirect("notebook", name=name)
    nudge(TOPIC)
    messages.success(request, _("Deleting notebook %(name)s with its files.") % {"name": name})
    return redirect("notebooks")


def _do(request, name: str, verb, words: str):
    """Do something to an instance that its person may change, and go back to its page, or to the list."""
    _changeable(request, name)
    try:
        verb(name)
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        nudge(TOPIC)
        messages.success(request, words % {"name": name})
    if request.POST.get("next") == "list":
        return redirect("notebooks")
    return redirect(_address("notebook", name, request.POST.get("with", "")))


def _find(name: str) -> Notebook:
    try:
        return instances.find(name)
    except aws.NotFound:
        words = _("There is no notebook %(name)s. It was deleted, or its name is spelled differently.")
        raise Gone(words % {"name": name}, ("notebooks", _("View notebooks"))) from None


def _changeable(request, name: str) -> Notebook:
    row = _find(name)
    if not may_change(request.user, row):
        raise PermissionDenied(
            _("Only the person who made notebook %(name)s or an administrator can change it.") % {"name": name}
        )
    return row


def _detail(request, name: str) -> dict[str, Any]:
    row = _find(name)
    try:
        lines, outage = page.log_lines(row), None
    except Problem as problem:
        lines, outage = [], problem
    wanted = documents.find(request.GET.get("with", ""))
    return {
        "notebook": row,
        "lines": lines,
        "log_outage": outage,
        "steps": page.steps_of(row, lines),
        "ready": page.ready_inside(),
        "document": wanted,
        "with": request.GET.get("with", "") if wanted else "",
        "is_owner": row.owner_id == request.user.pk,
        "idle_word": dict(IDLE).get(row.idle_minutes, _("%(n)s minutes") % {"n": row.idle_minutes}),
    }


def _running(request) -> list[Notebook]:
    """The person's own instances that are in service."""
    try:
        rows = shared((TOPIC,), "notebooks", instances.all_notebooks)
    except Problem:
        return []
    return [row for row in rows if row.status == "InService" and row.owner_id == request.user.pk]


def _examples() -> list[tuple[str, str]]:
    if settings.BACKEND == "aws":
        return []
    found = [(f"example:{number}", documents.find(f"example:{number}")) for number in (1, 2)]
    return [(what, document.title) for what, document in found if document]


def _suggested(request) -> str:
    kind, _colon, name = request.GET.get("with", "").partition(":")
    if kind in ("model", "job"):
        return f"{name[:50].rstrip('-')}-work"
    return f"{request.user.get_username()[:40]}-work" if request.user.get_username().isalnum() else "my-work"


def _idle_choices(row: Notebook) -> list[tuple[int, Any]]:
    more = [] if row.idle_minutes in IDLE else [(row.idle_minutes, _("%(n)s minutes") % {"n": row.idle_minutes})]
    return [*IDLE.items(), *more]


def _address(view: str, name: str, wanted: str = "") -> str:
    query = f"?{urlencode({'with': wanted})}" if wanted else ""
    return reverse(view, args=[name]) + query
