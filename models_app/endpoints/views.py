"""Endpoints: the list, one endpoint with a form that calls it, and deleting it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

import algorithms
from common.limits import INVOCATION_BODY
from models_app import aws
from models_app.account.post_only import post_only
from models_app.account.roles import Action, Role, requires, role_of
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints.invocation_failures import decode
from models_app.endpoints.list_row import COLUMNS, UNREAD
from models_app.endpoints.list_totals import Totals, totals
from models_app.endpoints.lookup import find_endpoint
from models_app.endpoints.metrics import request_counts
from models_app.endpoints.reasons import ACCEPT, reasons_of
from models_app.endpoints.snippet_context import example_request, features_of, snippet_context
from models_app.endpoints.traffic_summary import ask_for_stale
from models_app.models import Endpoint
from models_app.problems import Declined, Problem
from models_app.training.page import timeline_of
from models_app.web.changes import changes
from models_app.web.counts import counted
from models_app.web.listing import MINE, Listing
from models_app.web.lists.table import table_rows
from models_app.web.lists.tag_search import split_tags
from models_app.web.live_part import render_live
from models_app.web.render import render_page

Status = Endpoint.Status
CONTENT_TYPES = ("text/csv", "text/libsvm", "application/json", "application/jsonlines")
ACCEPTS = ("text/csv", "application/json", "application/jsonlines")


@require_GET
@requires(Action.READ)
def endpoints(request):
    """Every endpoint SageMaker told us of, ours and others'."""
    mine = Q(owner=request.user)
    select = "" if role_of(request.user) == Role.VIEWER else _("Select %(endpoint)s") % {"endpoint": "%s"}

    def facts() -> tuple[Listing, Totals]:
        listed = listing()
        ask_for_stale(listed.rows)
        return listed, totals()

    def listing() -> Listing:
        return Listing.from_url(
            request,
            Endpoint.objects.select_related("owner", "model").defer(*UNREAD),
            search=("name", "model__name", "owner__username"),
            sorts=("-created", "name"),
            split=partial(split_tags, to_row="endpoint"),
            views=(
                ("all", gettext_lazy("All"), Q()),
                ("serving", gettext_lazy("In service"), Q(status=Status.IN_SERVICE)),
                ("running", gettext_lazy("In progress"), Q(status__in=Endpoint.UNSETTLED)),
                ("attention", gettext_lazy("Needs attention"), Q(status=Status.FAILED)),
                ("idle", gettext_lazy("Idle for over 3 days"), Endpoint.idle(now())),
                (MINE, gettext_lazy("Created by me"), mine),
            ),
        )

    return render_live(
        request,
        "endpoints/list.html",
        part="endpoints/_rows.html",
        topics=("endpoints",),
        facts=facts,
        owned=lambda facts: facts[0].rows,
        context=lambda facts, _: {
            "list": facts[0],
            "lines": table_rows(COLUMNS, facts[0].rows, "e", select),
            "totals": facts[1],
            "busy": not all(row.is_settled for row in facts[0].rows),
        },
        mine_count=lambda: counted(Endpoint.objects.filter(mine)),
    )


@require_GET
@requires(Action.READ)
def endpoint(request, name):
    """One endpoint: what it runs, how to call it, what happened to it."""
    endpoint_row = find_endpoint(name)
    response = render_page(
        request, "endpoints/detail.html", _detail_context(request, endpoint_row), part="endpoints/_parts.html"
    )
    if request.htmx and endpoint_row.is_settled:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@requires(Action.READ)
def endpoint_requests(request, name):
    """The requests of the last day, as CloudWatch counted them; the endpoint's page asks for it once it is shown."""
    endpoint_row = find_endpoint(name)
    context: dict[str, Any] = {"endpoint": endpoint_row}
    try:
        context["counts"] = request_counts(endpoint_row)
    except (aws.Refused, aws.Unavailable) as e:
        context["counts_problem"] = e
    return render_page(request, "endpoints/requests.html", context, part="endpoints/_requests.html")


@post_only("endpoint", "name")
@requires(Action.INVOKE)
def endpoint_invoke(request, name):
    """Send one real request. The answer, good or bad, is shown as it came; so is how long it took."""
    endpoint_row = find_endpoint(name)
    body = request.POST.get("body", "").replace("\r\n", "\n").encode()
    content_type, accept = request.POST.get("content_type", CONTENT_TYPES[0]), request.POST.get("accept", ACCEPTS[0])
    sent = {"body": body.decode(), "content_type": content_type, "accept": accept, "size": len(body)}
    context: dict[str, Any] = {"endpoint": endpoint_row, "sent": sent, "answer": None, "problem": None}
    status = 200
    if problem := _request_problem(body, content_type, accept):
        context["problem"], status = problem, 422
    else:
        try:
            context["answer"] = endpoint_actions.invoke(endpoint_row, body, content_type, accept)
        except Problem as refused:  # the page did its work: what the endpoint said is shown like any answer
            context["problem"] = refused
            if isinstance(refused, Declined):
                context["decoded"] = decode(refused, sent["body"], content_type, features_of(endpoint_row))
    if context["answer"]:
        context["answer_text"] = context["answer"].body.decode(errors="replace")
        if accept == ACCEPT:
            context["fall"] = reasons_of(context["answer_text"], len(features_of(endpoint_row)))
    if request.htmx:
        return render(request, "endpoints/_answer.html", context, status=status)
    return render(request, "endpoints/detail.html", _detail_context(request, endpoint_row) | context, status=status)


@require_http_methods(["GET", "POST"])
@changes(find_endpoint, gettext_lazy("Only the person who made endpoint %(name)s or an administrator can delete it."))
def endpoint_delete(request, endpoint_row):
    """A page that says what will stop working; the POST deletes the endpoint."""
    name = endpoint_row.name
    if request.method == "GET":
        return render(request, "endpoints/delete.html", {"endpoint": endpoint_row})
    try:
        endpoint_actions.delete(endpoint_row)
    except Problem as problem:
        messages.error(request, _("Failed to delete endpoint %(name)s: %(why)s") % {"name": name, "why": problem})
        return redirect("endpoint", name=name)
    messages.success(request, _("Deleting endpoint %(name)s. It stops answering now.") % {"name": name})
    return redirect("endpoints")


def _request_problem(body: bytes, content_type: str, accept: str) -> Problem | None:
    if not body.strip():
        return Problem(_("The request body is empty. Enter one row of features, separated by commas."), "body")
    if len(body) > INVOCATION_BODY:
        return Problem(
            _("The request body is over 6 MB, the most SageMaker takes in one request. Send fewer rows."), "body"
        )
    if content_type not in CONTENT_TYPES or accept not in (*ACCEPTS, ACCEPT):
        return Problem(_("Choose a content type and an answer format from the lists."), "content_type")
    return None


def _detail_context(request, endpoint_row: Endpoint) -> dict:
    algorithm = algorithms.ALGORITHMS.get(endpoint_row.model.algorithm) if endpoint_row.model else None
    described = endpoint_row.described or {}
    ask = example_request(endpoint_row)
    accepts = [a for a in ACCEPTS if algorithm is None or a in algorithm.accepts] or list(ACCEPTS)
    return snippet_context(request, endpoint_row) | {
        "endpoint": endpoint_row,
        "tab": "overview",
        "variants": described.get("ProductionVariants") or [],
        "timeline": timeline_of(endpoint_row),
        "features": features_of(endpoint_row),
        "unsupervised": algorithm is not None and not algorithm.supervised,
        "example": ask.body,
        "first_type": ask.content_type,
        "first_accept": ask.accept,
        "content_types": [c for c in CONTENT_TYPES if algorithm is None or c in algorithm.content_types]
        or CONTENT_TYPES,
        "accepts": [*accepts, ACCEPT] if ask.explains else accepts,
    }
