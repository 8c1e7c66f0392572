"""Writes what the jobs cost that have ended before there were charges."""

from datetime import UTC

from django.db import migrations, transaction

from jobs import instances

BATCH = 2000
TRAINING = (
    "TrainingJob", "training", "job",
    ("pk", "started", "ended", "billable_seconds", "instance_type", "described__ResourceConfig__InstanceCount"),
)  # fmt: skip
TRANSFORM = ("TransformJob", "batch", "transform", ("pk", "started", "ended", "instance_type"))


def fill(apps, schema_editor):
    """Charge all jobs that ended, a batch a transaction. An interrupted run is repeated from the start."""
    charges = apps.get_model("models_app", "Charge")
    for model, kind, name, fields in (TRAINING, TRANSFORM):
        jobs, last = apps.get_model("models_app", model).objects.exclude(ended=None).exclude(started=None), 0
        while batch := list(jobs.filter(pk__gt=last).order_by("pk").values(*fields)[:BATCH]):
            last = batch[-1]["pk"]
            new = [
                charges(source=f"{name}-{job['pk']}", day=job["ended"].astimezone(UTC).date(), kind=kind, usd=price)
                for job in batch
                if (price := _price(job))
            ]
            with transaction.atomic():
                charges.objects.bulk_create(new, ignore_conflicts=True)


def _price(job):
    seconds = job.get("billable_seconds")
    if seconds is None:
        seconds = (job["ended"] - job["started"]).total_seconds()
    count = job.get("described__ResourceConfig__InstanceCount") or 1
    return instances.cost(job["instance_type"], seconds, count)


class Migration(migrations.Migration):
    atomic = False  # one transaction would lock the database for as long as it takes

    dependencies = [("models_app", "0032_charges_and_traffic_hours")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True, atomic=False)]
