"""Archives and deletes old events of endpoints, tuning jobs and batch predictions."""

from datetime import datetime

from common.s3_uri import S3Uri
from models_app.aws import archive
from models_app.models import Event
from models_app.retention.jobs import event_row

AT_ONCE = 5000


def expire_events(before: datetime, to: S3Uri | None) -> bool:
    """Delete the oldest AT_ONCE events that are older than `before`, once they are in `to`; False for none.

    Those of training jobs go with their jobs. Repeatable. Raises Problem, DamagedArchive, and then deleted nothing.
    """
    old = Event.objects.filter(job=None, at__lt=before).select_related("endpoint", "transform", "tuning")
    events = list(old.order_by("pk")[:AT_ONCE])
    if not events:
        return False
    if to:
        first, last = events[0], events[-1]
        # Ids begin again in another database, whose files must not replace these.
        name = f"{first.pk:012d}-{last.pk:012d}-{archive.DIGEST}.jsonl.gz"
        archive.put(archive.address(to, "events", f"{first.at:%Y/%m/%d}", name), map(_row, events))
    keys = [event.pk for event in events]
    for start in range(0, len(keys), 500):
        Event.objects.filter(pk__in=keys[start : start + 500]).delete()
    return True


def _row(event: Event) -> dict:
    kinds = {"endpoint": event.endpoint, "transform": event.transform, "tuning": event.tuning}
    return {**{kind: row.name for kind, row in kinds.items() if row}, **event_row(event)}
