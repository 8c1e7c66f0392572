"""Creates a notification for each person and event, in the transaction of the event."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils.timezone import now

from common.db.person import Role
from common.messages import _
from models_app.models import Delivery, Endpoint, Notification, TrainingJob, TransformJob, TuningJob
from models_app.models.live_row import row_moved
from models_app.models.notification import Channel, Kind, NotificationChoices
from models_app.notifications.channels import outside_channels
from models_app.notifications.delivery import DELIVERY
from models_app.text import formats

NEWS = timedelta(days=1)  # what ended before is found, and no news
SLOW_CLOCK = timedelta(seconds=5)  # by which the database's clock, which judges what is due, may be behind
LIMITS = ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")  # SageMaker's SecondaryStatus of a job that was stopped at one
_ADMINISTRATORS = Q(is_superuser=True) | Q(person__role=Role.ADMINISTRATOR)
Job, At = TrainingJob.Status, Endpoint.Status
log = logging.getLogger(__name__)


@receiver(row_moved, dispatch_uid="models_app.notifications")
def _announce_move(row, was, became, at, **_more) -> None:
    try:
        with transaction.atomic():
            _announce(row, was, became, at)
    except DatabaseError:
        raise
    except Exception:
        log.exception("%s became %s, and nobody was told", row, became)  # it must not keep the row from moving


def _announce(row, was, became, at) -> None:
    if isinstance(row, TrainingJob):
        job_ended(row)
    elif isinstance(row, TuningJob | TransformJob):
        work_ended(row)
    elif not isinstance(row, Endpoint):
        return
    elif became == At.IN_SERVICE and was in (At.LAUNCHING, At.CREATING):
        _announce_endpoint(Kind.MODEL_DEPLOYED, row, at)
    elif became in (At.FAILED, At.ROLLING_BACK):
        _announce_endpoint(Kind.ENDPOINT_FAILED, row, at, row.failure.headline if row.failure else "")


def job_ended(job: TrainingJob) -> None:
    """Announce the end of `job`, if it ended within NEWS. Repeatable: each person gets one notification.

    A try of a tuning job is no news: the tuning job is.
    """
    if not _is_news(job) or job.described.get("TuningJobArn"):
        return
    if job.status == Job.FAILED:
        failure = job.row_failure
        _announce_job(Kind.JOB_FAILED, job, failure.headline if failure else "")
    elif job.status == Job.STOPPED and job.secondary_status in LIMITS:
        _announce_job(Kind.LIMIT, job)
    elif job.status == Job.COMPLETED and not (job.model and job.model.deploy_when_done):
        model_ready(job)


def work_ended(row: TuningJob | TransformJob) -> None:
    """Announce the end of a tuning job or a batch prediction, if it ended within NEWS. Repeatable, as `job_ended`."""
    if not _is_news(row):
        return
    if row.status == Job.FAILED:
        kind, detail = Kind.JOB_FAILED, row.failure.headline if row.failure else ""
    elif row.status != Job.COMPLETED:
        return
    elif isinstance(row, TuningJob):
        kind, detail = Kind.TUNING_DONE, _best_of(row)
    else:
        kind, detail = Kind.BATCH_DONE, ""
    field = "tuning" if isinstance(row, TuningJob) else "transform"
    announce(kind, f"{field}-{row.pk}-{kind}", row.owner_id, name=row.name, detail=detail, about={field: row})


def _is_news(row: TrainingJob | TuningJob | TransformJob) -> bool:
    return row.is_final and now() - (row.ended or row.status_since) <= NEWS


def _best_of(row: TuningJob) -> str:
    if row.best is None:
        return ""
    value = formats.metric(row.best, row.objective)
    return _("The best try: %(metric)s %(value)s.", metric=formats.metric_message(row.objective), value=value)


def model_ready(job: TrainingJob, why_not_deployed: str = "") -> None:
    """Announce that the model of `job` is trained and not deployed."""
    _announce_job(Kind.MODEL_READY, job, why_not_deployed)


def failure_changed(job: TrainingJob) -> None:
    """Update the notification of a failed `job` by what its log has said since."""
    if (failure := job.row_failure) is not None:
        Notification.objects.filter(job=job, kind=Kind.JOB_FAILED).update(detail=failure.headline)


def idle_stopped(endpoint: Endpoint, why: str) -> None:
    """Announce that `endpoint` is deleted because nobody called it."""
    _announce_endpoint(Kind.ENDPOINT_IDLE, endpoint, endpoint.status_since, why)


def test(user: User) -> Notification | None:
    """Send `user` a test on every channel outside of the console; None when none is set up."""
    return announce(Kind.TEST, f"test-{now().isoformat()}", user.pk, name=user.get_username(), in_bell=False).get(user)


def announce(
    kind: Kind,
    event: str,
    owner: int | None,
    *,
    name: str,
    detail: str = "",
    about: Mapping[str, Any] | None = None,
    in_bell: bool = True,
) -> dict[User, Notification]:
    """Notify the owner, and administrators who chose to hear of everybody's things, once of `event`.

    `about` are the rows that it is about, by the fields of Notification.
    """
    users = recipients(owner, everybodys=kind != Kind.TEST)
    of_another = {user: owner != user.pk for user in users}
    return _notify(of_another, kind, event, name, detail, about or {}, in_bell)


def announce_to(users: Iterable[User], kind: Kind, event: str, *, name: str, detail: str) -> None:
    """Notify `users`, whose own concern it is, once of `event`."""
    _notify(dict.fromkeys(users, False), kind, event, name, detail, {}, in_bell=True)


def _notify(
    of_another: Mapping[User, bool],
    kind: Kind,
    event: str,
    name: str,
    detail: str,
    about: Mapping[str, Any],
    in_bell: bool,
) -> dict[User, Notification]:
    """Notify the users in `of_another`, which says whose thing is not the user's own."""
    notes = {}
    with transaction.atomic():
        for user, is_of_another in of_another.items():
            choices = NotificationChoices.of(user)
            channels = [c for c in outside_channels(user) if choices.wants(kind, c)]
            visible = in_bell and choices.wants(kind, Channel.BELL)
            if not visible and not channels:
                continue
            note, is_new = Notification.objects.get_or_create(
                user=user,
                event=event,
                defaults={
                    "kind": kind,
                    "name": name,
                    "detail": detail,
                    "of_another": is_of_another,
                    "in_bell": visible,
                    **about,
                },
            )
            if is_new:
                notes[user] = note
                note.changed()
                for channel in channels:
                    delivery = Delivery.objects.create(notification=note, channel=channel, due=now() - SLOW_CLOCK)
                    DELIVERY.enqueue(delivery.pk)
    return notes


def recipients(owner: int | None, everybodys: bool = True) -> list[User]:
    """The owner, and the administrators who chose to hear of everybody's things; nobody who is disabled."""
    receivers = Q(pk=owner)
    if everybodys:
        receivers |= Q(notification_choices__everybodys=True) & _ADMINISTRATORS
    return list(User.objects.filter(receivers, is_active=True).select_related("notification_choices"))


def administrators() -> list[User]:
    """The administrators who are not disabled."""
    return list(User.objects.filter(_ADMINISTRATORS, is_active=True).select_related("notification_choices"))


def _announce_job(kind: Kind, job: TrainingJob, detail: str = "") -> None:
    owner = job.model.owner_id if job.model else job.owner_id
    about = job.model.name if job.model and kind == Kind.MODEL_READY else job.name
    announce(kind, f"job-{job.pk}-{kind}", owner, name=about, detail=detail, about={"job": job, "model": job.model})


def _announce_endpoint(kind: Kind, endpoint: Endpoint, at, detail: str = "") -> None:
    model = endpoint.model
    owner = endpoint.owner_id or (model.owner_id if model else None)
    about = model.name if model and kind == Kind.MODEL_DEPLOYED else endpoint.name
    # An endpoint may fail, recover and fail again: the time of the move tells the events apart.
    event = f"endpoint-{endpoint.pk}-{kind}-{at.isoformat()}"
    announce(kind, event, owner, name=about, detail=detail, about={"model": model, "endpoint": endpoint})
