"""SageMaker Models: the list, and deleting several at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from models_app.account.roles import Action, may_change, requires
from models_app.catalog import actions as model_actions
from models_app.catalog.listing import MODELS, visible
from models_app.data import left_in_s3
from models_app.models import Model
from models_app.problems import Problem
from models_app.web.lists.view import render_list


@require_GET
@requires(Action.READ)
def models(request):
    """Every model of the workspace, with where each one stands."""
    return render_list(request, MODELS, "catalog/list.html", "catalog/_rows.html", owned=lambda page: page.rows)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def models_delete(request):
    """GET asks, naming what goes with each; POST with confirm deletes."""
    names = (request.POST if request.method == "POST" else request.GET).getlist("name")
    selected = list(visible().filter(name__in=names[:100]))
    if gone := sorted({*names[:100]} - {model.name for model in selected}):
        messages.warning(request, _("No longer there, so not deleted: %(names)s.") % {"names": ", ".join(gone)})
    elif not selected:
        messages.info(request, _("No model is selected. Select one or more models first."))
    if not selected:
        return redirect("models")
    if not all(may_change(request.user, model) for model in selected):
        raise PermissionDenied(_("You can delete only models you created. An administrator can delete any."))
    if request.method == "GET":
        return render(request, "catalog/delete.html", deletion_context(selected))
    deleted = []
    for model in selected:
        try:
            model_actions.delete(model, with_files="files" in request.POST)
            deleted.append(model.name)
        except Problem as problem:
            messages.error(request, _("Failed to delete model %(name)s: %(why)s") % {"name": model, "why": problem})
    if deleted:
        messages.success(request, _deleted(deleted))
    return redirect("models")


def deletion_context(selected: list[Model]) -> dict:
    """What the page that asks shows: each model with the folders in S3 that are its own."""
    return {"models": selected, "doomed": [(model, left_in_s3.folders_of(model)) for model in selected]}


def _deleted(names: list[str]) -> str:
    if len(names) == 1:
        return _("Deleting model %(name)s.") % {"name": names[0]}
    words = ngettext("Deleting %(count)d model.", "Deleting %(count)d models.", len(names))
    return words % {"count": len(names)}
