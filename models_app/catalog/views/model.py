"""One model on one page, from its data to its endpoint; and the verbs on it: stop, deploy, delete."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.code.kinds import ALGORITHM as CODE
from jobs.code.spec import CodeSpec
from models_app.account.post_only import post_only
from models_app.account.roles import Action, may, requires
from models_app.aws.requests import schema_uri
from models_app.catalog import actions as model_actions
from models_app.catalog.evaluation import metrics_of, structure_of
from models_app.catalog.explain_row import can_explain, explain_row
from models_app.catalog.page import day_price, kpis_of
from models_app.catalog.portable import is_portable
from models_app.catalog.views.lookup import changes_model, model_called
from models_app.catalog.views.models import deletion_context
from models_app.catalog.what_if import can_change, what_if
from models_app.endpoints.code_request_form import request_form
from models_app.endpoints.invocation_failures import decode
from models_app.endpoints.page import engine_address, invocations_url
from models_app.endpoints.reasons import invoke, reasons_of
from models_app.endpoints.request_form import RequestForm
from models_app.endpoints.snippets import snippets_for
from models_app.models import Endpoint, Model
from models_app.problems import Declined, Problem
from models_app.training.log_context import log_context
from models_app.training.metrics import curve_of, figures_of
from models_app.training.page import hyperparameters_of, preflight_of, steps_of, timeline_of
from models_app.training.views import say_stopped
from models_app.web.highlight import highlight_python
from models_app.web.render import render_page

MAX_CONTROLS = 200


@require_http_methods(["GET", "POST"])
@requires(Action.READ)
def model(request, name):
    """Everything about one model. A POST tries the endpoint with the row in the form.

    htmx gets the live parts only, and never the test form someone may be typing in.
    """
    model_row = model_called(name)
    context: dict[str, Any] = {
        "model": model_row,
        "job": model_row.job,
        "endpoint": model_row.endpoint,
        "tab": "overview",
    }
    kind = model_row.endpoint.instance_type if model_row.endpoint else model_row.instance_type
    context |= {"kpis": kpis_of(model_row), "aws_price": day_price(kind)}
    context |= {"lineage": model_row.lineage, "schema_uri": schema_uri(model_row), "portable": is_portable(model_row)}
    if model_row.algorithm == CODE:
        source = CodeSpec.from_json(model_row.code)
        context |= {"source": source, "source_coloured": highlight_python(source.text)}
    if model_row.endpoint:
        context["invocations_url"] = invocations_url(model_row.endpoint)
    if model_row.job:
        context |= {
            "steps": steps_of(model_row.job),
            "test_metrics": metrics_of(model_row),
            "structure": structure_of(model_row),
            "curve": curve_of(model_row.job, request.GET.get("metric", "")),
            "figures": figures_of(model_row.job),
            "preflight": preflight_of(model_row.job),
            "timeline": timeline_of(model_row.job),
            "hyperparameters": hyperparameters_of(model_row.job),
            **log_context(request, model_row.job),
        }
    if model_row.endpoint and model_row.endpoint.answers:
        context |= _request_form_context(request, model_row, model_row.endpoint)
    elif request.method == "POST":
        words = _("Nothing was sent: no endpoint of %(name)s is in service any more. Load the page again to see why.")
        context["test_problem"] = words % {"name": name}
        if not request.htmx:
            messages.error(request, context["test_problem"])
            return redirect("model", name=name)
    # Once nothing goes on any more, a page without a test form to disturb is renewed as a whole.
    context["renew"] = model_row.is_settled and request.htmx and request.headers.get("X-Test-Form") == "no"
    part = "catalog/_test_out.html" if request.method == "POST" else "catalog/_parts.html"
    return render_page(request, "catalog/detail.html", context, part=part)


def _request_form_context(request, model_row: Model, endpoint: Endpoint) -> dict:
    """The test form for those who may send requests, and code for everyone; after a POST, the answer too."""
    may_send = may(request.user, Action.INVOKE)
    if request.method == "POST" and not may_send:
        raise PermissionDenied(_("Sending requests needs the role Editor. An administrator can give it."))
    row = request_form(model_row, request.POST if request.method == "POST" else None)
    snippets = snippets_for(endpoint.name, settings.REGION, engine_address(), row.example())
    snippet = next((s for s in snippets if s.key == request.GET.get("code")), snippets[0])
    context: dict = {"snippets": snippets, "snippet": snippet}
    # A table as wide as this is tested from a file or on the endpoint's own page, which takes any body.
    if may_send and 0 < len(row.controls) <= MAX_CONTROLS:
        context["test"] = row
        context["changes"] = can_change(model_row)
        context["explains_apart"] = not row.explains and can_explain(model_row)
    if request.method != "POST":
        return context
    if "why" in request.POST and context.get("explains_apart"):
        return context | _explain_from_form(model_row, row)
    context |= _invoke_from_form(model_row, endpoint, row)
    if "change" in request.POST and context.get("changes") and context.get("answer"):
        locked = [control.name for control in row.controls if control.id in request.POST.getlist("lock")]
        try:
            context["what_if"] = what_if(model_row, row.cells(), locked, request.POST.get("by", ""))
        except Problem as problem:
            context["what_if_problem"] = problem
    return context


def _explain_from_form(model_row: Model, row: RequestForm) -> dict:
    """The reasons of `row`, which the console computes itself: its endpoint is a container that knows none."""
    try:
        row.request()  # a bad value is told by its column
        return {"fall": explain_row(model_row, row.cells())}
    except Problem as problem:
        return {"test_problem": problem}


def _invoke_from_form(model_row: Model, endpoint: Endpoint, row: RequestForm) -> dict:
    """Send `row` to the endpoint: what was sent, what came back and what it means."""
    try:
        ask = row.request()
        sent = invoke(endpoint, ask.body.encode(), ask.content_type, ask.accept, row.explains)
    except Declined as refused:
        features = [control.name for control in row.controls]
        # What SageMaker itself says, such as that the endpoint is gone, is in its own words already.
        decoded = decode(refused, ask.body, ask.content_type, features) if refused.inside else None
        return {"test_problem": refused, "decoded": decoded}
    except Problem as problem:
        return {"test_problem": problem}
    text = sent.body.decode(errors="replace")
    answer, fall = row.read(text, sent.content_type), reasons_of(text, len(row.controls)) if row.explains else None
    context = {"body": ask.body, "ask": ask, "sent": sent, "answer_text": text, "answer": answer, "fall": fall}
    return context | {"remarks": row.remarks()}


@post_only("model", "name")
@changes_model
def model_stop(request, model_row):
    """Stop the model's latest job, if it has one, and lead back to its page."""
    if model_row.job:
        say_stopped(request, model_row.job)
    return redirect("model", name=model_row.name)


@post_only("model", "name")
@changes_model
def model_deploy(request, model_row):
    """Deploy the model at `endpoint_name`, or at the name it was created with, and lead back to its page."""
    try:
        endpoint = model_actions.deploy(model_row, request.POST.get("endpoint_name", "").strip())
    except Problem as problem:
        messages.error(request, _("Failed to deploy %(name)s: %(why)s") % {"name": model_row.name, "why": problem})
    else:
        messages.info(request, _("Creating endpoint %(name)s.") % {"name": endpoint.name})
    return redirect("model", name=model_row.name)


@require_http_methods(["GET", "POST"])
@changes_model
def model_delete(request, model_row):
    """GET asks, naming what goes with it; POST deletes."""
    if request.method == "GET":
        return render(request, "catalog/delete.html", deletion_context([model_row]))
    try:
        model_actions.delete(model_row, with_files="files" in request.POST)
    except Problem as problem:
        messages.error(
            request, _("Failed to delete model %(name)s: %(why)s") % {"name": model_row.name, "why": problem}
        )
        return redirect("model", name=model_row.name)
    messages.success(request, _("Successfully deleted model %(name)s.") % {"name": model_row.name})
    return redirect("models")
