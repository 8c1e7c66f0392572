"""The Evaluation page of a model: how good it is, drawn from one file; and the rows behind a figure."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django_htmx.http import replace_url

from jobs.code.kinds import ALGORITHM as CODE
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.aws import s3_store
from models_app.catalog import evaluating, named_tables, threshold
from models_app.catalog.figures import context_of, explanation
from models_app.catalog.figures.groups import where_words
from models_app.catalog.one_row import one_row
from models_app.catalog.views.lookup import changes_model, model_called
from models_app.models import Evaluation, Model, TrainingJob
from models_app.problems import Problem
from models_app.training.metrics import fold_words
from models_app.web.errors import Gone
from models_app.web.render import render_page
from tables.predictions import THRESHOLD

DECISION = "decision"  # what htmx asks for while somebody moves the threshold


@require_GET
@requires(Action.READ)
def model_evaluation(request, name):
    """The Evaluation page. The address has the choices: table, threshold, costs, contents of the matrix."""
    model_row, on = model_called(name), request.GET.get("on", "")
    evaluation = _evaluation_of(model_row, on)
    context: dict[str, Any] = {"model": model_row, "job": model_row.job, "endpoint": model_row.endpoint, "on": on}
    context |= {"tables": _tables_of(model_row), "can_name": evaluating.can_evaluate_on_table(model_row.job)}
    context |= {"tab": "evaluation", "evaluation": evaluation, "state": state_of(model_row, evaluation, on)}
    if context["state"] == "done" and evaluation is not None:
        context |= context_of(evaluation.document, request.GET, model_row.schema.get(THRESHOLD))
        context["fold_words"] = "" if on or model_row.job is None else fold_words(model_row.job)
    response = render_page(request, "catalog/evaluation.html", context, part="catalog/_evaluation.html")
    if request.htmx and request.htmx.trigger == DECISION:
        response = replace_url(response, request.get_full_path())
    return response


@require_GET
@requires(Action.READ)
def model_explain(request, name):
    """Which columns the model uses, by the same rows: how much worse it is without each, and in which direction."""
    model_row = model_called(name)
    evaluation = _evaluation_of(model_row)
    context: dict[str, Any] = {"model": model_row, "job": model_row.job, "endpoint": model_row.endpoint}
    context |= {"tab": "explain", "evaluation": evaluation, "state": state_of(model_row, evaluation)}
    if context["state"] == "done" and evaluation is not None:
        explained = evaluation.document.get("explain")
        context["state"] = "done" if explained and explained.get("columns") else "unexplained"
        context["problem"] = (explained or {}).get("problem", "")
        if context["state"] == "done":
            context |= explanation.context_of(evaluation.document, "all" in request.GET)
            context |= one_row(evaluation, request.GET.get("row", ""))
    return render_page(request, "catalog/explain.html", context, part="catalog/_explain.html")


@post_only("model_evaluation", "name")
@changes_model
def model_evaluate(request, model_row):
    """Evaluate the model on its own rows, or on the table `on`, again if that was done; lead to the page of that."""
    if "on" not in request.POST:
        if model_row.job is None or evaluating.start(model_row.job) is None:
            messages.error(request, _("%(name)s has no test rows to evaluate it on.") % {"name": model_row.name})
        return _to_page(model_row.name)
    try:
        if model_row.job is None:
            raise Problem(_("%(name)s is not trained.") % {"name": model_row.name})
        return _to_page(model_row.name, named_tables.start_on(model_row.job, request.POST["on"]).on)
    except Problem as problem:
        messages.error(request, str(problem))
    return _to_page(model_row.name)


@post_only("model_evaluation", "name")
@changes_model
def model_evaluation_remove(request, model_row):
    """Remove the evaluation on the table `on`, and lead to the page of the model's own rows."""
    on = request.POST.get("on", "")
    evaluation = _evaluation_of(model_row, on) if on else None
    if evaluation is not None:
        try:
            named_tables.remove(evaluation)
        except Problem as problem:
            messages.error(request, _("The files of the evaluation are not deleted: %(why)s") % {"why": problem})
        else:
            messages.success(request, _("The evaluation on %(uri)s is removed.") % {"uri": on})
    return _to_page(model_row.name)


@post_only("model_evaluation", "name")
@changes_model
def model_threshold(request, model_row):
    """Keep ?threshold= with the model, its own again without one, and lead back to the page."""
    try:
        evaluation = _evaluation_of(model_row, request.POST.get("on", ""))
        stored = threshold.store(model_row, evaluation, request.POST.get("threshold", ""))
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        words = _("%(name)s labels by the threshold %(threshold)s from now on.")
        own = _("%(name)s labels by its own threshold again.")
        messages.success(
            request, (own if stored is None else words) % {"name": model_row.name, "threshold": f"{stored or 0:g}"}
        )
    return _to_page(model_row.name, request.POST.get("on", ""))


@require_GET
@requires(Action.READ)
def model_evaluation_rows(request, name):
    """The rows of a group (?group=0), or of a cell of the matrix (?actual=a&predicted=b), read from the file."""
    model_row, on = model_called(name), request.GET.get("on", "")
    evaluation = _evaluation_of(model_row, on)
    if evaluation is None or not evaluation.document:
        words = _("%(name)s is not evaluated, so there are no rows to show.")
        raise Gone(words % {"name": name}, ("models", _("View models")))
    actual, predicted = request.GET.get("actual", ""), request.GET.get("predicted", "")
    conditions = _group(evaluation, request.GET.get("group", ""))
    context: dict[str, Any] = {"model": model_row, "tab": "evaluation", "evaluation": evaluation, "on": on}
    context |= {"actual": actual, "predicted": predicted, "where": where_words(conditions) if conditions else ""}
    try:
        uri, store = evaluation.predictions_uri, s3_store.STORE
        context["selected"] = s3_store.readers.call(
            "evaluation.rows:select_rows", store, uri, store, uri, model_row.schema, conditions, actual, predicted,
            reads=[uri],
        )  # fmt: skip
    except Problem as problem:
        context["problem"] = problem
    return render_page(request, "catalog/evaluation_rows.html", context)


def state_of(model_row: Model, evaluation: Evaluation | None, on: str = "") -> str:
    """The state of the page: done, running, failed, none (not yet asked for), training, untrained, code or no-rows.

    `on` is the table that the address names: other-table where there is no evaluation on it.
    """
    job = model_row.job
    if evaluation is not None and evaluation.is_open:
        return "running"
    if evaluation is not None and evaluation.status == Evaluation.Status.DONE:
        return "done"
    if job is None or (job.is_final and job.status != TrainingJob.Status.COMPLETED):
        return "untrained"
    if not job.is_final:
        return "training"
    if model_row.algorithm == CODE:
        return "code"
    if on:
        return "failed" if evaluation is not None else "other-table"
    if not evaluating.can_evaluate(job):
        return "no-rows"
    return "failed" if evaluation is not None else "none"


def _evaluation_of(model_row: Model, on: str = "") -> Evaluation | None:
    return Evaluation.objects.filter(job_id=model_row.job_id, on=on).first() if model_row.job_id else None


def _tables_of(model_row: Model) -> list[str]:
    """The tables that the model was evaluated on, the latest first."""
    named = Evaluation.objects.filter(job_id=model_row.job_id).exclude(on="").order_by("-created")
    return list(named.values_list("on", flat=True)) if model_row.job_id else []


def _to_page(name: str, on: str = "") -> HttpResponse:
    address = reverse("model_evaluation", args=[name])
    return redirect(f"{address}?{urlencode({'on': on})}" if on else address)


def _group(evaluation: Evaluation, number: str) -> list[dict]:
    """The conditions of the group `number` of the document; none without one. Raises Gone for one that it has not."""
    if not number:
        return []
    groups = (evaluation.document.get("slices") or {}).get("groups", [])
    if number.isascii() and number.isdigit() and int(number) < len(groups):
        return groups[int(number)]["where"]
    words = _("The evaluation has no such group of rows any more. It was done again.")
    raise Gone(words, ("models", _("View models")))
