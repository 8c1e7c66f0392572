"""Tuning jobs: the list, one of them with its tries, stopping, repeating and deleting it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jobs.tuning.search import GRID
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.data import left_in_s3
from models_app.models import TrainingJob, TuningJob
from models_app.problems import Problem
from models_app.training.page import preflight_of, timeline_of
from models_app.tuning import actions, charts
from models_app.tuning.listing import TUNINGS, goal_words
from models_app.tuning.template import search_of
from models_app.web.changes import changes
from models_app.web.errors import Gone
from models_app.web.lists.view import render_list
from models_app.web.render import render_page

MAX_TRIES, BEST = 100, 5  # tries in the table, and of the link that compares the best
VIEWS = ("all", "best", "failed")


@require_GET
@requires(Action.READ)
def tunings(request):
    """Every tuning job SageMaker told us of."""
    return render_list(request, TUNINGS, "tuning/list.html", "tuning/_rows.html", owned=lambda _: ())


@require_GET
@requires(Action.READ)
def tuning_job(request, name):
    """One tuning job: the best so far, the objective by try and by setting, the tries."""
    row = find_tuning(name)
    view = request.GET.get("view", "") if request.GET.get("view") in VIEWS else VIEWS[0]
    tries = _tries(row, view)
    context = {
        "row": row,
        "goal": goal_words(row),
        "chart": charts.by_try(row),
        "settings": charts.by_setting(row),
        "names": list(dict.fromkeys(setting for trial in row.trials for setting in trial["tuned"])),
        "tries": tries[:MAX_TRIES],
        "more": max(0, len(tries) - MAX_TRIES),
        "view": view,
        "best_names": row.best_names[:BEST],
        "best_job": TrainingJob.objects.filter(name=row.best_job).first() if row.best_job else None,
        "timeline": timeline_of(row),
        "preflight": preflight_of(row),
        "ranges": search_of(row).ranges if row.search else {},
        "is_grid": row.strategy == GRID,
        "is_stoppable": row.status in TuningJob.STOPPABLE,
        "can_be_retried": actions.can_be_retried(row),
    }
    response = render_page(request, "tuning/detail.html", context, part="tuning/_parts.html")
    if request.htmx and row.is_final:  # what followed it has ended: one whole page, with the outcome on it
        response["HX-Refresh"] = "true"
    return response


def _tries(row: TuningJob, view: str) -> list[dict]:
    """The tries of a view, each with its number and its values in the order of the settings; the newest first."""
    names = list(dict.fromkeys(setting for trial in row.trials for setting in trial["tuned"]))
    tries = [
        trial | {"number": number, "values": [trial["tuned"].get(name, "-") for name in names]}
        for number, trial in enumerate(row.trials, 1)
    ]
    if view == "best":
        by_name = {trial["name"]: trial for trial in tries}
        return [by_name[name] for name in row.best_names[:10]]
    return [trial for trial in reversed(tries) if view == "all" or trial["status"] == "Failed"]


def find_tuning(name: str) -> TuningJob:
    """The tuning job `name` with its owner. Raises Gone, which names the next step."""
    if row := TuningJob.objects.select_related("owner").filter(name=name).first():
        return row
    words = _("There is no tuning job %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("tuning", _("View tuning jobs")))


@post_only("tuning_job", "name")
@changes(find_tuning, gettext_lazy("Only the person who started tuning job %(name)s or an administrator can stop it."))
def tuning_stop(request, row):
    """Ask SageMaker to stop. The best so far is kept."""
    if actions.STOPPING.stop(row):
        messages.success(request, _("Stopping tuning job %(name)s.") % {"name": row.name})
    else:
        words = _("Tuning job %(name)s had ended before: %(status)s. Nothing was stopped.")
        messages.info(request, words % {"name": row.name, "status": _(row.status_word)})
    return redirect("tuning_job", name=row.name)


@post_only("tuning_job", "name")
@changes(
    find_tuning,
    gettext_lazy("Only the person who started tuning job %(name)s or an administrator can retry it."),
)
def tuning_retry(request, row):
    """Tune once more, with the same table and search: a new tuning job."""
    try:
        again = actions.retry(row)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("tuning_job", name=row.name)
    messages.success(request, format_html(_("Tuning job <b>{}</b> is started."), again.name))
    return redirect("tuning_job", name=again.name)


@require_http_methods(["GET", "POST"])
@changes(
    find_tuning,
    gettext_lazy("Only the person who started tuning job %(name)s or an administrator can delete it."),
)
def tuning_delete(request, row):
    """GET asks, naming what stays and what can go with it; POST deletes."""
    if request.method == "GET" and row.is_final:
        return render(request, "tuning/delete.html", {"row": row, "folders": left_in_s3.folders_of_tuning(row)})
    try:
        actions.delete(row, with_files="files" in request.POST)
    except Problem as problem:
        messages.error(request, _("Failed to delete %(name)s: %(why)s") % {"name": row.name, "why": problem})
        return redirect("tuning_job", name=row.name)
    messages.success(request, _("Successfully deleted tuning job %(name)s.") % {"name": row.name})
    return redirect("tuning")
