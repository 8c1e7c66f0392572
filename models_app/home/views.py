"""The first page: what runs, what needs a person, what happened; and the search over everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models_app.account.roles import Action, requires
from models_app.aws import s3
from models_app.catalog.listing import AT_WORK, DEPLOYED, UNREAD, visible
from models_app.models import Endpoint, Event, Model, TrainingJob
from models_app.problems import Problem
from models_app.training.listing import JOBS
from models_app.training.page import TONES, Moment
from models_app.web.counts import view_counts
from models_app.web.listing import rows_of
from models_app.web.live_part import render_live

FEW = 5  # rows a card shows before it links to the whole list
MAX_RESULTS = 10  # hits a kind of thing shows in the search


@dataclass(frozen=True)
class AttentionItem:
    """One thing that waits for a person, with what they can do about it: [(label, url), ...], the first a button."""

    tone: str
    headline: str
    name: str
    url: str
    at: datetime
    text: str
    actions: list[tuple[str, str]]


@require_GET
@requires(Action.READ)
def dashboard(request):
    """Numbers, work in progress, attention, the latest results and events; nothing older than it needs to be."""
    return render_live(
        request,
        "home/dashboard.html",
        part="home/_parts.html",
        topics=("models", "jobs", "endpoints"),
        facts=_figures,
        owned=lambda figures: [
            *(job.model for job in figures["failed_jobs"] if job.model),
            *figures["failed_endpoints"],
        ],
        context=_dashboard_context,
        for_each_owner=True,
    )


def _figures() -> dict:
    """What the dashboard shows, from the rows alone."""
    models, jobs, endpoints = visible().defer(*UNREAD), TrainingJob.objects.all(), Endpoint.objects.all()
    serving = endpoints.filter(status=Endpoint.Status.IN_SERVICE)
    running = _first(jobs.filter(status__in=TrainingJob.LIVE), JOBS.rows_with(()))
    return _counts(models, jobs, endpoints) | {
        "day_cost": sum(e.day_cost or 0 for e in serving[:200]) if settings.BACKEND == "aws" else None,
        "running": running,
        "silent_since": min((job.silent_since for job in running if job.silent_since), default=None),
        "failed_jobs": _failed_jobs(),
        "failed_endpoints": list(
            endpoints.filter(status=Endpoint.Status.FAILED).select_related("model", "owner")[:FEW]
        ),
        "recent": _first(models.filter(_is_trained()), models),
        "events": list(Event.objects.select_related("job", "endpoint").only(*_OF_EVENT).order_by("-id")[:8]),
    }


_OF_EVENT = ("became", "text", "at", "job__name", "endpoint__name")


def _counts(models: QuerySet, jobs: QuerySet, endpoints: QuerySet) -> dict[str, str]:
    """The numbers of the dashboard. Jobs and endpoints are counted by status, each by an index in one query."""
    status = TrainingJob.Status
    live = _by_status(jobs.filter(status__in=TrainingJob.LIVE))
    of_a_day = jobs.filter(status_since__gte=now() - timedelta(hours=24)).aggregate(
        failed=Count("pk", filter=Q(status=status.FAILED)), ended=Count("pk", filter=Q(status__in=TrainingJob.FINAL))
    )
    deployed = _by_status(endpoints)
    numbers = {
        "training": live.get(status.IN_PROGRESS, 0),
        "waiting": live.get(status.CREATED, 0) + live.get(status.LAUNCHING, 0),
        "running_count": sum(live.values()),
        "serving": deployed.get(Endpoint.Status.IN_SERVICE, 0),
        "endpoints": sum(deployed.values()),
    }
    of_models = view_counts("models", models, {"all": Q(), "running": AT_WORK, "deployed": DEPLOYED})
    return {name: f"{number:,}" for name, number in (numbers | of_a_day).items()} | {
        "models": str(of_models["all"]),
        "at_work": str(of_models["running"]),
        "deployed": str(of_models["deployed"]),
    }


def _by_status(rows: QuerySet) -> dict[str, int]:
    return dict(rows.order_by().values_list("status").annotate(Count("pk")))


def _first(rows, whole) -> list:
    """The first of `rows`, read as `whole` has them: keys alone are sorted, for rows are wide."""
    return rows_of(whole, list(rows.values_list("pk", flat=True)[:FEW]))


def _is_trained() -> Exists:
    """That the latest job of a model is complete; looked up for one model after another, newest first."""
    return Exists(TrainingJob.objects.filter(pk=OuterRef("job"), status=TrainingJob.Status.COMPLETED))


def _failed_jobs() -> list[TrainingJob]:
    """Failed jobs that are still the latest of their model or nobody's, newest first."""
    current = Exists(Model.objects.filter(job=OuterRef("pk"), deleting=False)) | Q(model=None)
    jobs = TrainingJob.objects.filter(current, status=TrainingJob.Status.FAILED).order_by("-created", "-id")
    return _first(jobs, JOBS.rows_with(()))


def _dashboard_context(figures: dict, changeable: frozenset) -> dict:
    attention = _attention_items(figures["failed_jobs"], figures["failed_endpoints"], changeable)
    empty = figures["models"] == "0" and figures["ended"] == "0" and not figures["running"] and not attention
    return figures | {"attention": attention, "activity": _moments(figures["events"]), "empty": empty}


@require_GET
@requires(Action.READ)
def search(request):
    """Models, jobs, endpoints and buckets whose names hold what was typed."""
    q = request.GET.get("q", "").strip()
    groups, problem = [], None
    if q:
        named = Q(name__icontains=q)
        groups = [
            (_("SageMaker Models"), "model", _hits("model", visible().filter(named))),
            (_("Training jobs"), "job", _hits("job", TrainingJob.objects.filter(named))),
            (_("Endpoints"), "end", _hits("endpoint", Endpoint.objects.filter(named))),
        ]
        try:
            buckets = [b for b in s3.buckets() if q.casefold() in b.name][:MAX_RESULTS]
            groups.append((_("Buckets"), "bucket", [(b.name, reverse("bucket", args=[b.name]), None) for b in buckets]))
        except Problem as refused:
            problem = refused
    non_empty = [group for group in groups if group[2]]
    return render(request, "home/search.html", {"global_q": q, "groups": non_empty, "problem": problem})


def _hits(url_name: str, rows) -> list[tuple]:
    hits = rows_of(rows, list(rows.values_list("pk", flat=True)[:MAX_RESULTS]))
    return [(row.name, reverse(url_name, args=[row.name]), row) for row in hits]


def _attention_items(jobs, endpoints, changeable: frozenset) -> list[AttentionItem]:
    """Failed jobs and endpoints, newest first, with what can be done about those that are `changeable`."""
    attention = []
    for job in jobs:
        url = reverse("job", args=[job.name])
        steps = [(_("View reason"), url)]
        if job.model in changeable:
            retry = f"{reverse('model_create')}?{urlencode({'from': job.model.name})}"
            steps = [(_("Edit and retry"), retry), (_("View reason"), url)]
        failure = job.failure  # which may be looked for in the log
        headline = failure.headline if failure else _("Training failed")
        attention.append(AttentionItem("err", headline, job.name, url, job.status_since, _("Training failed"), steps))
    for endpoint in endpoints:
        url = reverse("endpoint", args=[endpoint.name])
        steps = [(_("View reason"), url)]
        if endpoint in changeable:
            steps = [(_("Delete endpoint"), reverse("endpoint_delete", args=[endpoint.name])), *steps]
        headline = endpoint.failure.headline if endpoint.failure else _("The endpoint failed")
        attention.append(
            AttentionItem("err", headline, endpoint.name, url, endpoint.status_since, _("Deployment failed"), steps)
        )
    return sorted(attention, key=lambda w: w.at, reverse=True)[:FEW]


def _moments(events) -> list[Moment]:
    moments = []
    for event in events:
        thing, kind = (event.job, "job") if event.job else (event.endpoint, "endpoint")
        if thing:
            url = reverse(kind, args=[thing.name])
            tone = TONES.get(event.became, "info")
            moments.append(Moment(tone, event.text or _(event.became), thing.name, event.at, url))
    return moments
