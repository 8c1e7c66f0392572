"""Batch predictions: the list, one of them with its result, and stopping it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.batch import actions
from models_app.batch.listing import BATCH_LIST
from models_app.batch.lookup import find_transform
from models_app.batch.page import preview_of, shares_of, steps_of
from models_app.problems import Problem
from models_app.training.page import timeline_of
from models_app.web.changes import changes
from models_app.web.lists.view import render_list
from models_app.web.render import render_page


@require_GET
@requires(Action.READ)
def batch(request):
    """Every transform job SageMaker told us of, ours and others'."""
    return render_list(request, BATCH_LIST, "batch/list.html", "batch/_rows.html", owned=lambda _: ())


@require_GET
@requires(Action.READ)
def transform(request, name):
    """One transform job, from its table to its result."""
    row = find_transform(name)
    context = {"row": row, "steps": steps_of(row), "shares": shares_of(row), "timeline": timeline_of(row)}
    context["preview"] = preview_of(row)
    response = render_page(request, "batch/detail.html", context, part="batch/_head.html")
    if request.htmx and row.is_final:  # what followed it has ended: one whole page, with the result on it
        response["HX-Refresh"] = "true"
    return response


@post_only("transform", "name")
@changes(
    find_transform,
    gettext_lazy("Only the person who started batch prediction %(name)s or an administrator can retry it."),
)
def transform_retry(request, row):
    """Predict the table of a failed batch prediction once more."""
    try:
        again = actions.retry(row)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("transform", name=row.name)
    messages.success(request, _words_of_retry(again))
    return redirect("transform", name=again.job.name)


def _words_of_retry(again: actions.Retry) -> str:
    names = {"name": again.job.name, "failed": again.failed.name if again.failed else ""}
    if not again.is_new:
        return _("It was retried before, as %(name)s.") % names
    if again.failed:
        return _("The earlier retry %(failed)s ended without success. Retrying as %(name)s.") % names
    return _("Retrying as %(name)s.") % names


@post_only("transform", "name")
@changes(
    find_transform,
    gettext_lazy("Only the person who started batch prediction %(name)s or an administrator can stop it."),
)
def transform_stop(request, row):
    """Ask SageMaker to stop. A stopped job leaves no predictions."""
    if actions.STOPPING.stop(row):
        messages.success(request, _("Stopping batch prediction %(name)s.") % {"name": row.name})
    else:
        words = _("Batch prediction %(name)s cannot be stopped any more: %(status)s.")
        messages.info(request, words % {"name": row.name, "status": _(row.status_word)})
    return redirect("transform", name=row.name)
