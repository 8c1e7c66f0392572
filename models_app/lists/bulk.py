"""Bulk actions on jobs of one list: the selected ones, or all that match a filter."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from common.permissions import may_change
from models_app.account.roles import Action, requires, role_of
from models_app.batch import actions as batch
from models_app.batch.listing import BATCH_LIST
from models_app.lists.kinds import filtered, list_address, query_of, selected_names
from models_app.models import TrainingJob, TuningJob
from models_app.problems import Problem
from models_app.training import actions as training
from models_app.training.listing import JOBS
from models_app.tuning import actions as tuning
from models_app.tuning.listing import TUNINGS
from models_app.web.lists.kind import ListKind
from models_app.work.stopping import Stopping

MAX_DELETED = 100  # at once: each is a request to SageMaker
MAX_RETRIED = 50  # at once: each trains a model
MAX_ALL = 10_000  # that "all of the filter" may be
MAX_NAMES = 20  # names on the page that asks


class PlainList(NamedTuple):
    """A list without filters that select all of it; the members are as ListKind's."""

    key: str
    title: Any
    room: str
    rows: Callable[[], QuerySet]


@dataclass(frozen=True)
class Selection:
    """Keys of jobs by what can be done to them, and some names for the page that asks."""

    ready: list[int]
    others: int  # of other people
    unfit: int  # for which there is nothing to do
    names: list[str]

    @property
    def count(self) -> int:
        """All that are selected."""
        return len(self.ready) + self.others + self.unfit

    @property
    def stamp(self) -> str:
        """Stands for the jobs that something is done to: as many others have another one."""
        return sha256(repr(self.ready).encode()).hexdigest()[:16]


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def jobs_stop(request):
    """GET shows the confirmation with the count; POST stops running jobs."""
    text = _("What a job has learned so far is kept where its algorithm allows it.")
    return _stop(request, JOBS, training.STOPPING, _("Stop training jobs"), text)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def batch_stop(request):
    """GET shows the confirmation with the count; POST stops running transform jobs."""
    text = _("A stopped job leaves no predictions.")
    return _stop(request, BATCH_LIST, batch.STOPPING, _("Stop batch predictions"), text)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def tuning_stop(request):
    """GET shows the confirmation with the count; POST stops running tuning jobs."""
    text = _("Its running tries are stopped, too. The best so far is kept.")
    return _stop(request, TUNINGS, tuning.STOPPING, _("Stop tuning jobs"), text)


def _stop(request, kind: ListKind, stopping: Stopping, title: str, text: str):
    unfit = _("Jobs that have ended stay as they are: %(n)s.")
    words = {"title": title, "button": _("Stop"), "unfit": unfit, "text": text}

    def is_fit(row: dict) -> bool:
        return row["status"] in stopping.stoppable

    return act_on_selection(request, kind, words, is_fit, stopping.stop_many, _stopped)


def _stopped(n: int) -> str:
    return ngettext("Stopping %(n)s job.", "Stopping %(n)s jobs.", n) % {"n": f"{n:,}"}


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def jobs_retry(request):
    """GET shows the confirmation with the count; POST trains the models of failed jobs once more."""

    def retry(pks: list[int]) -> int:
        rows = TrainingJob.objects.select_related("model", "owner").filter(pk__in=pks)
        left = _("%(n)s more jobs are left: %(most)s are retried at a time.")
        return _for_each(request, rows, training.retry, MAX_RETRIED, left)

    words = {
        "title": _("Retry training jobs"),
        "button": _("Retry"),
        "unfit": _("Jobs that did not fail, or are not the latest attempt at a model, stay as they are: %(n)s."),
        "text": _("Each model is trained once more, with the same table and settings."),
    }

    def is_fit(row: dict) -> bool:
        return row["status"] in training.RETRIED and row["model__job_id"] == row["pk"]

    return act_on_selection(request, JOBS, words, is_fit, retry, _retried, columns=("status", "model__job_id"))


def _retried(n: int) -> str:
    return ngettext("Retrying %(n)s job.", "Retrying %(n)s jobs.", n) % {"n": f"{n:,}"}


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def jobs_delete(request):
    """GET shows the confirmation with the count; POST deletes ended jobs of other clients at SageMaker."""

    def delete(pks: list[int]) -> int:
        return _delete(request, TrainingJob.objects.filter(pk__in=pks), training.delete)

    words = {
        "title": _("Delete training jobs"),
        "button": _("Delete"),
        "unfit": _("Jobs that run or belong to a model stay as they are: %(n)s."),
        "text": _("SageMaker forgets the jobs, and their curves and logs go with them. Data and artifacts stay in S3."),
    }

    def is_fit(row: dict) -> bool:
        return row["external"] and row["status"] in TrainingJob.FINAL and row["model_id"] is None

    columns = ("status", "external", "model_id")
    return act_on_selection(request, JOBS, words, is_fit, delete, _deleted, columns=columns)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def tuning_delete(request):
    """GET shows the confirmation with the count; POST deletes ended tuning jobs at SageMaker."""

    def delete(pks: list[int]) -> int:
        return _delete(request, TuningJob.objects.filter(pk__in=pks), tuning.delete)

    words = {
        "title": _("Delete tuning jobs"),
        "button": _("Delete"),
        "unfit": _("Jobs that have not ended stay as they are: %(n)s."),
        "text": _("SageMaker forgets the tuning jobs. The training jobs of their tries, models and all files stay."),
    }

    def is_fit(row: dict) -> bool:
        return row["status"] not in TuningJob.LIVE

    return act_on_selection(request, TUNINGS, words, is_fit, delete, _deleted)


def _delete(request, rows: QuerySet, delete: Callable[[Any], Any]) -> int:
    failed = _("Failed to delete job %(name)s: %(why)s")
    left = _("%(n)s more jobs are left: %(most)s are deleted at a time.")
    return _for_each(request, rows, delete, MAX_DELETED, left, failed)


def _for_each(
    request, rows: QuerySet, act: Callable[[Any], Any], limit: int, left: str, failed: str = "%(why)s"
) -> int:
    """Call `act` with each of the first `limit` rows; return for how many it raised no Problem.

    The person gets a message `failed` for each Problem, and `left` when there are more rows than `limit`.
    """
    done, count = 0, rows.count()
    for row in rows[:limit]:
        try:
            act(row)
            done += 1
        except Problem as problem:
            messages.error(request, failed % {"name": row.name, "why": problem})
    if count > limit:
        messages.info(request, left % {"n": f"{count - limit:,}", "most": limit})
    return done


def _deleted(n: int) -> str:
    return ngettext("Deleted %(n)s job.", "Deleted %(n)s jobs.", n) % {"n": f"{n:,}"}


def act_on_selection(
    request, kind: ListKind | PlainList, words, is_fit, act, done, *, columns=("status",), problem=None
):
    """GET, and a POST with a `problem` of its form, show the confirmation page; another POST calls `act` with keys.

    `words` are the page's; `is_fit` tells by a row's `columns` whether there is something to do; `done` says of a
    number what was done.
    """
    query = query_of(request)
    back = list_address(kind.key, query)
    parameters = request.POST if request.method == "POST" else request.GET
    try:
        selection = _selection(request, kind, "all" in parameters, is_fit, columns)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect(back)
    if not selection.count:
        messages.info(request, _("No job is selected. Select one or more jobs first."))
        return redirect(back)
    if selection.others and "all" not in parameters:
        raise PermissionDenied(_("Some of these jobs are not yours. An administrator can change any."))
    if request.method == "GET" or problem:
        context = words | {
            "selection": selection,
            "query": query.urlencode(),
            "back": back,
            "kind": kind,
            "room": kind.room,
        }
        context |= {
            "every": "all" in parameters,
            "ticked": selected_names(request),
            "notes": _notes(selection, words["unfit"]),
            "problem": problem,
        }
        return render(request, "lists/confirm.html", context, status=422 if problem else 200)
    if parameters.get("stamp", selection.stamp) != selection.stamp:
        messages.warning(request, _("The selection has changed meanwhile, so nothing was done. Look at it again."))
        return redirect(back)
    if n := act(selection.ready) if selection.ready else 0:
        messages.success(request, done(n))
    if left := selection.others + selection.unfit:
        text = ngettext("%(n)s job was left as it is.", "%(n)s jobs were left as they are.", left)
        messages.info(request, text % {"n": f"{left:,}"})
    return redirect(back)


def _notes(selection: Selection, unfit: str) -> list[str]:
    """The confirmation page's sentences on jobs that the action leaves out."""
    notes = [unfit % {"n": f"{selection.unfit:,}"}] if selection.unfit else []
    if selection.others:
        words = _("Jobs of other people stay as they are: %(n)s.")
        notes.append(words % {"n": f"{selection.others:,}"})
    return notes


def _selection(request, kind: ListKind | PlainList, every: bool, is_fit, columns) -> Selection:
    """The selection, read from narrow columns alone. Raises Problem for a filter that does not apply."""
    if every and isinstance(kind, ListKind):
        _query, rows, tokens = filtered(request, kind)
        if any(token.problem for token in tokens):
            raise Problem(_("A filter is not understood, so all of it cannot be told. Correct it first."))
    else:
        rows = kind.rows().filter(name__in=selected_names(request))
    facts = list(
        rows.select_related(None).order_by("-created", "-id").values("pk", "name", "owner_id", *columns)[: MAX_ALL + 1]
    )
    if len(facts) > MAX_ALL:
        raise Problem(_("These are more than %(n)s jobs. Filter them further.") % {"n": f"{MAX_ALL:,}"})
    role, fit = role_of(request.user), [row for row in facts if is_fit(row)]
    own = [row for row in fit if may_change(role, is_owner=row["owner_id"] == request.user.pk)]
    return Selection(
        ready=[row["pk"] for row in own],
        others=len(fit) - len(own),
        unfit=len(facts) - len(fit),
        names=[row["name"] for row in own[:MAX_NAMES]],
    )
