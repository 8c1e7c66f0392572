"""Pages of notebook instances: the list, one of them, the form that creates one, and the way into JupyterLab."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.db.nudge import nudge
from models_app import aws
from models_app.account.roles import Action, may, requires
from models_app.notebooks import documents, instances, page, upload
from models_app.notebooks.forms import IDLE, CreateForm, defaults, size_tiles
from models_app.notebooks.listing import listing
from models_app.notebooks.lookup import TOPIC, explain_outage, find_or_gone, page_url
from models_app.notebooks.notebook import Notebook
from models_app.problems import Problem
from models_app.web.render import render_page
from models_app.web.shared import shared


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
@explain_outage
def notebook(request, name):
    """One instance: how far its start is, what it uses, its settings and its log."""
    return render_page(request, "notebooks/detail.html", _detail(request, name), part="notebooks/_parts.html")


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def notebook_create(request):
    """The form; the POST creates the instance and leads to its page, from which it opens when it is ready."""
    start_with = request.POST.get("with", request.GET.get("with", ""))
    wanted = documents.find(start_with)
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
            return redirect(page_url(data["name"], start_with))
    chosen = start_with if wanted else ""
    context = {"form": form, "tiles": size_tiles(), "idle": list(IDLE.items()), "with": chosen}
    context |= {"document": wanted, "running": _running(request) if wanted else [], "starts": _starts(chosen)}
    return render(request, "notebooks/create.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Action.CREATE)
@explain_outage
def notebook_open(request, name):
    """Go to JupyterLab by a link that works once; `with` names a file that is put there first."""
    row = find_or_gone(name)
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


def _detail(request, name: str) -> dict[str, Any]:
    row = find_or_gone(name)
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


def _examples() -> list[tuple[str, str, str]]:
    if settings.BACKEND == "aws":
        return []
    return documents.examples()


def _starts(chosen: str) -> list[tuple[str, str, str]]:
    """(what, title, what it shows) of each file that a new instance can start with; none where there is no choice."""
    offered = _examples()
    document = documents.find(chosen)
    if document and chosen not in [what for what, _title, _shows in offered]:
        shows = _("Its first cells load the data, the settings and what was trained.")
        offered.insert(0, (chosen, document.title, shows))
    return [*offered, ("", _("Empty"), _("JupyterLab alone."))] if offered else []


def _suggested(request) -> str:
    kind, _colon, name = request.GET.get("with", "").partition(":")
    if kind in ("model", "job"):
        return f"{name[:50].rstrip('-')}-work"
    return f"{request.user.get_username()[:40]}-work" if request.user.get_username().isalnum() else "my-work"
