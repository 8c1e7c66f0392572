"""SageMaker Models: the list, and deleting several at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from models_app.account.roles import Action, may_change, requires
from models_app.catalog import actions as model_actions
from models_app.catalog import files
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Problem
from models_app.web.counts import counted
from models_app.web.listing import MINE, Listing
from models_app.web.live_part import render_live

# Sub-selects and no joins: what is in progress or failed is found by its status, without a look at every model.
_JOBS, _ENDPOINTS = TrainingJob.objects.order_by(), Endpoint.objects.order_by()
AT_WORK = Q(job__in=_JOBS.filter(status__in=TrainingJob.LIVE)) | Q(
    endpoint__in=_ENDPOINTS.exclude(status__in=Endpoint.SETTLED)
)
IN_TROUBLE = Q(job__in=_JOBS.filter(status=TrainingJob.Status.FAILED)) | Q(
    endpoint__in=_ENDPOINTS.filter(status=Endpoint.Status.FAILED)
)
DEPLOYED = Q(
    endpoint__in=_ENDPOINTS.filter(
        status__in=(Endpoint.Status.IN_SERVICE, Endpoint.Status.UPDATING, Endpoint.Status.ROLLING_BACK)
    )
)


@require_GET
@requires(Action.READ)
def models(request):
    """Every model of the workspace, with where each one stands."""
    mine = Q(owner=request.user)

    def listing() -> Listing:
        return Listing.from_url(
            request,
            visible(),
            search=("name", "algorithm", "data_uri", "owner__username"),
            sorts=("-created", "name", "algorithm"),
            views=(
                ("all", gettext_lazy("All"), Q()),
                ("running", gettext_lazy("In progress"), AT_WORK),
                ("attention", gettext_lazy("Needs attention"), IN_TROUBLE),
                ("deployed", gettext_lazy("Deployed"), DEPLOYED),
                (MINE, gettext_lazy("Created by me"), mine),
            ),
        )

    return render_live(
        request,
        "catalog/list.html",
        part="catalog/_rows.html",
        topics=("models",),
        facts=listing,
        owned=lambda listing: listing.rows,
        context=lambda listing, _: {"list": listing, "busy": not all(model.is_settled for model in listing.rows)},
        mine_count=lambda: counted(visible().filter(mine)),
    )


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
    return {"models": selected, "doomed": [(model, files.folders_of(model)) for model in selected]}


def visible():
    """Models as the list shows them, with all a row needs and none that is on its way out."""
    return Model.objects.filter(deleting=False).select_related("owner", "job__model", "endpoint__model")


def _deleted(names: list[str]) -> str:
    if len(names) == 1:
        return _("Deleting model %(name)s.") % {"name": names[0]}
    words = ngettext("Deleting %(count)d model.", "Deleting %(count)d models.", len(names))
    return words % {"count": len(names)}
