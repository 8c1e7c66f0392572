"""One look at the lists of training jobs and endpoints: who changed, who is new, who is gone."""

import logging
from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.timezone import now

from models_app import aws
from models_app.models import Endpoint, Model, TrainingJob, Trial
from models_app.sync import transforms, tunings
from models_app.sync.listed import listed
from models_app.work.enqueue import enqueue

YOUNG = timedelta(minutes=2)  # a job this young is looked at closely each time while it runs
CLOSE_LOOKS = 5  # a second, spread over the older ones
MOST_PAGES = 10
NEW_AT_ONCE = 20  # described in one sweep, of those found for the first time
MOST_DUE = 1000  # of one sweep
log = logging.getLogger(__name__)
Job, Status = TrainingJob, TrainingJob.Status
AT_SAGEMAKER = (Status.IN_PROGRESS, Status.STOPPING)


def unfinished() -> bool:
    """Is there anything that may still change?"""
    return (
        Job.objects.filter(status__in=Job.LIVE).exists()
        or _unread().exists()
        or Endpoint.objects.filter(status__in=Endpoint.UNSETTLED).exists()
        or Model.objects.filter(deleting=True).exists()
        or transforms.unfinished()
        or tunings.unfinished()
    )


def _unread() -> QuerySet[TrainingJob]:
    """Jobs that ended and whose log goes on. The condition is that of the index, which has hardly a row."""
    return Job.objects.filter(log_done=False, arn__gt="").exclude(status__in=Job.LIVE)


def sweep(pages: int = 1) -> None:
    """Compare the newest `pages` of jobs, and all endpoints, with our rows. Raises aws.Unavailable.

    A look at one page, which is frequent, leaves transform and tuning jobs out while none of them runs.
    """
    _jobs(pages)
    _endpoints()
    for others in (transforms, tunings):
        if pages > 1 or others.unfinished():
            others.sweep(pages)
    for pk in Model.objects.filter(deleting=True).values_list("pk", flat=True):
        enqueue("catalog.remove_model", pk, expires=10)


def _jobs(pages: int) -> None:
    def nothing_new(page: list[dict]) -> bool:
        existing = Job.objects.filter(name__in=[s["TrainingJobName"] for s in page]).count()
        return existing == len(page)

    summaries, complete = listed("list_training_jobs", "TrainingJobSummaries", pages, nothing_new)
    by_name = {summary["TrainingJobName"]: summary for summary in summaries}
    _add_external_jobs(by_name)
    Job.objects.filter(name__in=by_name, status__in=AT_SAGEMAKER).update(last_synced=now())
    for pk in _due_jobs(by_name):
        enqueue("sync.follow_job", pk, expires=10)
    _stop_latecomers(by_name)
    _gone_jobs(by_name, complete)


def _add_external_jobs(by_name: dict[str, dict]) -> None:
    existing = set(Job.objects.filter(name__in=by_name).values_list("name", flat=True))
    existing |= set(Trial.objects.filter(job_name__in=by_name).values_list("job_name", flat=True))
    new = []
    for name, summary in by_name.items():
        if name not in existing and summary["TrainingJobStatus"] in Status.values:
            new.append(
                Job(
                    name=name,
                    arn=summary["TrainingJobArn"],
                    external=True,
                    status=summary["TrainingJobStatus"],
                    created=summary["CreationTime"],
                    status_since=summary.get("LastModifiedTime") or summary["CreationTime"],
                    ended=summary.get("TrainingEndTime"),
                    last_synced=now(),
                )
            )
        elif name not in existing:
            log.warning("%s has the unknown status %s", name, summary["TrainingJobStatus"])
    Job.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        new[0].changed()


def _due_jobs(by_name: dict[str, dict]) -> list[int]:
    """Jobs to look at closely: changed, running and young, or not looked at for a while; and those never described.

    Keys alone are read, for rows are wide, and those looked at longest ago come first.
    """
    live, unread = Job.objects.filter(status__in=AT_SAGEMAKER), _unread().filter(followed__isnull=False)
    interval = timedelta(seconds=max(4, (live.count() + unread.count()) / CLOSE_LOOKS))
    modified = Job.objects.filter(name__in=by_name).values_list("name", "modified")
    changed = [name for name, at in modified if by_name[name].get("LastModifiedTime") != at]
    overdue = Q(followed__lt=now() - interval) | Q(followed=None) | Q(name__in=changed)
    due: list[int] = []
    for rows, condition in ((live, overdue | Q(created__gt=now() - YOUNG)), (unread, overdue)):
        longest_ago = rows.filter(condition).order_by(F("followed").asc(nulls_first=True))
        due += longest_ago.values_list("pk", flat=True)[:MOST_DUE]
    never_described = Job.objects.filter(followed=None, arn__gt="").exclude(status__in=Job.LIVE)
    return due + list(never_described.values_list("pk", flat=True)[:NEW_AT_ONCE])


def _stop_latecomers(by_name: dict[str, dict]) -> None:
    """A job stopped before its launch was heard of may have been launched all the same; it is stopped now."""
    running = [name for name, summary in by_name.items() if summary["TrainingJobStatus"] == Status.IN_PROGRESS]
    for row in Job.objects.filter(name__in=running, status=Status.STOPPED, external=False):
        log.info("%s runs although it was stopped before its launch; stopping it", row)
        with aws.plain_errors():
            aws.client("sagemaker").stop_training_job(TrainingJobName=row.name)


def _gone_jobs(by_name: dict[str, dict], complete: bool) -> None:
    """Rows that the list would show, but does not; a closer look tells whether they are gone."""
    rows = Job.objects.filter(Q(status__in=AT_SAGEMAKER) | Q(external=True)).exclude(name__in=by_name)
    if not complete:
        oldest = min(summary["CreationTime"] for summary in by_name.values())
        rows = rows.filter(created__gt=oldest)
    for pk in rows.values_list("pk", flat=True)[:NEW_AT_ONCE]:
        enqueue("sync.follow_job", pk, expires=10)


def _endpoints() -> None:
    summaries, complete = listed("list_endpoints", "Endpoints", MOST_PAGES)
    by_name = {summary["EndpointName"]: summary for summary in summaries}
    unknown = ExpressionWrapper(Q(described={}), output_field=BooleanField())
    rows = list(Endpoint.objects.order_by().values_list("pk", "name", "status", unknown))
    for name in by_name.keys() - {name for _pk, name, *_rest in rows}:
        _add_external_endpoint(name, by_name[name])
    Endpoint.objects.filter(name__in=by_name).update(last_synced=now())
    for pk, name, status, is_unknown in rows:
        if status == Endpoint.Status.DELETING:
            enqueue("endpoints.remove_endpoint", pk, expires=10)
        elif status != Endpoint.Status.LAUNCHING and (
            complete if name not in by_name else is_unknown or status != by_name[name]["EndpointStatus"]
        ):
            enqueue("sync.follow_endpoint", pk, expires=10)


def _add_external_endpoint(name: str, summary: dict) -> None:
    if summary["EndpointStatus"] not in Endpoint.Status.values:
        log.warning("%s has the unknown status %s", name, summary["EndpointStatus"])
        return
    row, created = Endpoint.objects.get_or_create(
        name=name,
        defaults={
            "arn": summary["EndpointArn"],
            "external": True,
            "status": summary["EndpointStatus"],
            "created": summary["CreationTime"],
            "status_since": summary["LastModifiedTime"],
        },
    )
    if created:
        row.changed()
        enqueue("sync.follow_endpoint", row.pk, expires=10)
