"""The texts of a notification: title, detail, tone and action."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.models import Notification
from models_app.models.notification import Kind

# kind: (tone, title, label of its button)
_LOOKS = {
    Kind.JOB_FAILED: ("err", gettext_noop("%(name)s failed"), gettext_noop("See why")),
    Kind.MODEL_READY: ("ok", gettext_noop("%(name)s is trained"), gettext_noop("Deploy")),
    Kind.MODEL_DEPLOYED: ("ok", gettext_noop("%(name)s is deployed"), gettext_noop("Test")),
    Kind.ENDPOINT_FAILED: ("err", gettext_noop("Endpoint %(name)s failed"), gettext_noop("View endpoint")),
    Kind.ENDPOINT_IDLE: ("info", gettext_noop("Endpoint %(name)s was stopped"), gettext_noop("View model")),
    Kind.TUNING_DONE: ("ok", gettext_noop("Tuning job %(name)s is done"), gettext_noop("View the best")),
    Kind.BATCH_DONE: ("ok", gettext_noop("Batch prediction %(name)s is done"), gettext_noop("View the result")),
    Kind.LIMIT: ("warn", gettext_noop("%(name)s was stopped at its time limit"), gettext_noop("View job")),
    Kind.BUDGET: ("warn", gettext_noop("%(name)s of the month's budget is spent"), gettext_noop("View costs")),
    Kind.TEST: ("info", gettext_noop("A test for %(name)s"), gettext_noop("Preferences")),
}


@dataclass(frozen=True)
class Note:
    """A notification as a person reads it. `url` is "" if the thing is gone."""

    pk: int
    tone: str
    title: str
    detail: str
    action: str
    url: str
    at: datetime
    is_new: bool

    @property
    def absolute_url(self) -> str:
        """The address for those who are not in the console."""
        return f"{settings.WEB_URL}{self.url or reverse('notifications')}"


def note_of(row: Notification, *, as_html: bool = False) -> Note:
    """The words of `row` in the language that is active; `as_html` makes the name in the title a link."""
    tone, title, action = _LOOKS[Kind(row.kind)]
    if row.kind == Kind.JOB_FAILED and row.job and row.job.row_failure and row.job.row_failure.presses:
        action = gettext_noop("Fix and retry")
    url = _url(row)
    name: str = _linked(row.name, url) if as_html else row.name
    words = _(title) % {"name": name}
    return Note(
        row.pk, tone, SafeString(words) if as_html else words, row.detail, _(action), url, row.at, row.read is None
    )


def _linked(name: str, url: str) -> SafeString:
    return format_html('<a href="{}"><b>{}</b></a>', url, name) if url else format_html("<b>{}</b>", name)


def _url(row: Notification) -> str:
    if row.kind == Kind.TEST:
        return reverse("preferences")
    if row.kind == Kind.BUDGET:
        return reverse("dashboard")
    if row.tuning:
        return reverse("tuning_job", args=[row.tuning.name])
    if row.transform:
        return reverse("transform", args=[row.transform.name])
    if row.kind in (Kind.JOB_FAILED, Kind.LIMIT):
        return reverse("job", args=[row.job.name]) if row.job else ""
    if row.kind == Kind.ENDPOINT_FAILED and row.endpoint:
        return reverse("endpoint", args=[row.endpoint.name])
    if row.model:
        return reverse("model", args=[row.model.name])
    if row.endpoint:
        return reverse("endpoint", args=[row.endpoint.name])
    return reverse("job", args=[row.job.name]) if row.job else ""
