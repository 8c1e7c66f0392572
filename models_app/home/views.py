"""The first page: what runs, what needs a person, what happened; and the search over everything."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common import amounts
from models_app.account.roles import Action, requires
from models_app.aws import s3
from models_app.catalog.listing import AT_WORK, DEPLOYED, visible
from models_app.costs import by_day
from models_app.home import activity, attention, rows
from models_app.home.cost_card import cost_card
from models_app.home.month import month_words
from models_app.home.period import PERIODS, Period, period_of
from models_app.home.traffic_card import traffic_card
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Problem
from models_app.web.counts import view_counts
from models_app.web.listing import rows_of
from models_app.web.live_part import render_live

MAX_RESULTS = 10  # hits a kind of thing shows in the search


@require_GET
@requires(Action.READ)
def dashboard(request):
    """Numbers, work in progress, attention, traffic, costs, the latest results and events, within ?period=."""
    period = period_of(request.GET.get("period", ""))
    return render_live(
        request,
        "home/dashboard.html",
        part="home/_parts.html",
        topics=("models", "jobs", "endpoints"),
        facts=lambda: _figures(period),
        owned=lambda figures: [
            *(job.model for job in figures["failed_jobs"] if job.model),
            *figures["failed_endpoints"],
            *figures["idle_endpoints"],
        ],
        context=lambda figures, changeable: _dashboard_context(figures, changeable, period),
        for_each_owner=True,
    )


def _figures(period: Period) -> dict:
    """What the dashboard shows, from the rows alone."""
    at = now()
    running, failed_jobs = rows.running_and_failed()
    endpoints = rows.endpoint_totals(at)
    has_failed = endpoints.by_status.get(Endpoint.Status.FAILED)
    return _counts(at - period.length, endpoints) | {
        "day_price": endpoints.price,
        "running": running,
        "silent_since": min((job.silent_since for job in running if job.silent_since), default=None),
        "failed_jobs": failed_jobs,
        "failed_endpoints": rows.failed_endpoints() if has_failed else [],
        "idle_endpoints": rows.idle_endpoints(at) if endpoints.idle else [],
        "slowest": rows.slowest_endpoints() if endpoints.by_status.get(Endpoint.Status.IN_SERVICE) else [],
        "recent": rows.latest_models(),
        "activity": activity.latest(),
    }


def _counts(since: datetime, endpoints: rows.EndpointTotals) -> dict[str, Any]:
    """The numbers of the dashboard, and with them those of the side navigation."""
    status = TrainingJob.Status
    live, (failed, ended) = rows.jobs_by_status(), rows.jobs_since(since)
    numbers = {
        "training": live.get(status.IN_PROGRESS, 0),
        "waiting": live.get(status.CREATED, 0) + live.get(status.LAUNCHING, 0),
        "running_count": sum(live.values()),
        "failed": failed,
        "ended": ended,
        "serving": endpoints.by_status.get(Endpoint.Status.IN_SERVICE, 0),
        "endpoints": sum(endpoints.by_status.values()),
    }
    models = Model.objects.filter(deleting=False)
    of_models = view_counts("models", models, {"all": Q(), "running": AT_WORK, "deployed": DEPLOYED})
    words = {name: f"{number:,}" for name, number in numbers.items()}
    return words | {
        "models": str(of_models["all"]),
        "at_work": str(of_models["running"]),
        "deployed": str(of_models["deployed"]),
        "nav_models": str(of_models["all"]),
        "nav_running": words["running_count"] if live else 0,
        "nav_endpoints": words["endpoints"],
    }


def _dashboard_context(figures: dict, changeable: frozenset, period: Period) -> dict:
    listed = attention.items(figures["failed_jobs"], figures["failed_endpoints"], figures["idle_endpoints"], changeable)
    empty = figures["models"] == "0" and figures["ended"] == "0" and not figures["running"] and not listed
    context = figures | {"attention": listed, "empty": empty, "period": period, "periods": PERIODS}
    if empty:
        return context
    version = by_day.version()
    return context | {
        "traffic_card": traffic_card(period, figures["endpoints"] != "0"),
        "cost_card": cost_card(period, figures["day_price"], version),
        "month": month_words(figures["day_price"], version),
        "day_cost": amounts.money(figures["day_price"]) if figures["day_price"] else "",
    }


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


def _hits(url_name: str, named) -> list[tuple]:
    hits = rows_of(named, list(named.values_list("pk", flat=True)[:MAX_RESULTS]))
    return [(row.name, reverse(url_name, args=[row.name]), row) for row in hits]
