"""What waits for a person: failed jobs and endpoints, and endpoints that nobody calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common import amounts
from models_app.models import Endpoint, TrainingJob

MAX_SHOWN = 5


@dataclass(frozen=True)
class AttentionItem:
    """One thing that waits, with what can be done about it: [(label, url), ...], the first a button.

    `text` goes before `at`, `note` after it.
    """

    tone: str
    headline: str
    name: str
    url: str
    at: datetime
    text: str
    actions: list[tuple[str, str]]
    note: str = ""


def items(
    jobs: Iterable[TrainingJob], failed: Iterable[Endpoint], idle: Iterable[Endpoint], changeable: Collection
) -> list[AttentionItem]:
    """The newest MAX_SHOWN, with what a person may do about those that are `changeable`.

    Failures come first, and leave room for an idle endpoint: it costs money until somebody sees it.
    """
    failures = [*_of_jobs(jobs, changeable), *_of_endpoints(failed, changeable)]
    failures.sort(key=lambda item: item.at, reverse=True)
    unused = list(_of_idle(idle, changeable))
    return [*failures[: MAX_SHOWN - bool(unused)], *unused][:MAX_SHOWN]


def _of_jobs(jobs: Iterable[TrainingJob], changeable: Collection) -> Iterator[AttentionItem]:
    for job in jobs:
        url = reverse("job", args=[job.name])
        steps = [(_("View reason"), url)]
        if job.model and job.model in changeable:
            retry = f"{reverse('model_create')}?{urlencode({'from': job.model.name})}"
            steps = [(_("Edit and retry"), retry), (_("View reason"), url)]
        failure = job.row_failure
        headline = failure.headline if failure else _("Training failed")
        yield AttentionItem("err", headline, job.name, url, job.status_since, _("Training failed"), steps)


def _of_endpoints(endpoints: Iterable[Endpoint], changeable: Collection) -> Iterator[AttentionItem]:
    for endpoint in endpoints:
        url = reverse("endpoint", args=[endpoint.name])
        steps = [*_delete(endpoint, changeable), (_("View reason"), url)]
        headline = endpoint.failure.headline if endpoint.failure else _("The endpoint failed")
        yield AttentionItem("err", headline, endpoint.name, url, endpoint.status_since, _("Deployment failed"), steps)


def _of_idle(endpoints: Iterable[Endpoint], changeable: Collection) -> Iterator[AttentionItem]:
    for endpoint in endpoints:
        since = endpoint.idle_since or endpoint.status_since
        text = _("Last request") if endpoint.last_request else _("Never called. It came into service")
        note = _("It costs %(cost)s a day.") % {"cost": amounts.money(endpoint.day_price)} if endpoint.day_price else ""
        steps = [*_delete(endpoint, changeable), (_("View traffic"), reverse("endpoint_traffic", args=[endpoint.name]))]
        url = reverse("endpoint", args=[endpoint.name])
        yield AttentionItem("warn", _("The endpoint is idle"), endpoint.name, url, since, text, steps, note)


def _delete(endpoint: Endpoint, changeable: Collection) -> list[tuple[str, str]]:
    if endpoint not in changeable:
        return []
    return [(_("Delete endpoint"), reverse("endpoint_delete", args=[endpoint.name]))]
