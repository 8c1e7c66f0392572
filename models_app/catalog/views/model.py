"""One model on one page, from its data to its endpoint; and the verbs on it: stop, deploy, delete."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from models_app.account.roles import Role, editor, has_role, may_change, viewer
from models_app.aws.requests import schema_uri
from models_app.catalog import actions as model_actions
from models_app.catalog.page import day_price, engine_address, invocations_url, kpis_of
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints.request_form import TestRow, read
from models_app.endpoints.snippets import snippets_for
from models_app.models import Endpoint, Model
from models_app.problems import Problem
from models_app.training import actions as job_actions
from models_app.training.page import curve_of, figures_of, lines_of, preflight_of, steps_of, timeline_of, tuned
from models_app.web.render import render_page

MOST_CONTROLS = 200


@require_http_methods(["GET", "POST"])
@viewer
def model(request, name):
    """Everything about one model. A POST tries the endpoint with the row in the form.

    htmx gets the live parts only, and never the test form someone may be typing in.
    """
    found = _model(name)
    find = request.GET.get("find", "").strip()
    context = {"model": found, "job": found.job, "endpoint": found.endpoint, "find": find}
    kind = found.endpoint.instance_type if found.endpoint else found.instance_type
    context |= {"kpis": kpis_of(found), "aws_price": day_price(kind)}
    context |= {"lineage": found.lineage, "schema_uri": schema_uri(found)}
    if found.endpoint:
        context["invocations_url"] = invocations_url(found.endpoint)
    if found.job:
        context |= {
            "steps": steps_of(found.job),
            "curve": curve_of(found.job, request.GET.get("metric", "")),
            "figures": figures_of(found.job),
            "preflight": preflight_of(found.job),
            "timeline": timeline_of(found.job),
            "tuned": tuned(found.job),
            **lines_of(found.job, find=find),
        }
    if found.endpoint and found.endpoint.answers:
        context |= _to_try(request, found, found.endpoint)
    # Once nothing goes on any more, a page without a test form to disturb is renewed as a whole.
    context["renew"] = found.is_settled and request.htmx and request.headers.get("X-Test-Form") == "no"
    part = "catalog/_test_out.html" if request.method == "POST" else "catalog/_parts.html"
    return render_page(request, "catalog/detail.html", context, part=part)


def _to_try(request, found: Model, endpoint: Endpoint) -> dict:
    """The test form for those who may send requests, and code for everyone; after a POST, the answer too."""
    may_send = has_role(request.user, Role.EDITOR)
    if request.method == "POST" and not may_send:
        raise PermissionDenied(_("Sending requests needs the role Editor. An administrator can give it."))
    row = TestRow(found, request.POST if request.method == "POST" else None)
    shown = snippets_for(endpoint.name, settings.REGION, engine_address(), row.example())
    chosen = next((s for s in shown if s.key == request.GET.get("code")), shown[0])
    context: dict = {"snippets": shown, "snippet": chosen}
    # A table as wide as this is tested from a file or on the endpoint's own page, which takes any body.
    if may_send and 0 < len(row.controls) <= MOST_CONTROLS:
        context["test"] = row
    return context | (_tried(found, endpoint, row) if request.method == "POST" else {})


def _tried(found: Model, endpoint: Endpoint, row: TestRow) -> dict:
    """Send `row` to the endpoint: what was sent, what came back and what it means."""
    try:
        ask = row.request()
        sent = endpoint_actions.invoke(endpoint, ask.body.encode(), ask.content_type, ask.accept)
    except Problem as problem:
        return {"test_problem": problem}
    text = sent.body.decode(errors="replace")
    said = read(found.schema, text, sent.content_type)
    return {"body": ask.body, "ask": ask, "sent": sent, "answer_text": text, "answer": said}


@require_POST
@editor
def model_stop(request, name):
    found = _changeable(request, name)
    try:
        if found.job:
            job_actions.stop(found.job)
    except Problem as problem:
        messages.error(request, _("Failed to stop training %(name)s: %(why)s") % {"name": name, "why": problem})
    else:
        messages.success(request, _("Stopping training of %(name)s.") % {"name": name})
    return redirect("model", name=name)


@require_POST
@editor
def model_deploy(request, name):
    found = _changeable(request, name)
    try:
        endpoint = model_actions.deploy(found, request.POST.get("endpoint_name", "").strip())
    except Problem as problem:
        messages.error(request, _("Failed to deploy %(name)s: %(why)s") % {"name": name, "why": problem})
    else:
        messages.info(request, _("Creating endpoint %(name)s.") % {"name": endpoint.name})
    return redirect("model", name=name)


@require_http_methods(["GET", "POST"])
@editor
def model_delete(request, name):
    """GET asks, naming what goes with it; POST deletes."""
    found = _changeable(request, name)
    if request.method == "GET":
        return render(request, "catalog/delete.html", {"models": [found]})
    try:
        model_actions.delete(found)
    except Problem as problem:
        messages.error(request, _("Failed to delete model %(name)s: %(why)s") % {"name": name, "why": problem})
        return redirect("model", name=name)
    messages.success(request, _("Successfully deleted model %(name)s.") % {"name": name})
    return redirect("models")


def _model(name: str) -> Model:
    return get_object_or_404(
        Model.objects.select_related("owner", "job", "job__model__endpoint", "endpoint"), name=name
    )


def _changeable(request, name: str) -> Model:
    found = _model(name)
    if not may_change(request.user, found):
        words = _("Only the person who made model %(name)s or an administrator can change it.")
        raise PermissionDenied(words % {"name": name})
    return found
