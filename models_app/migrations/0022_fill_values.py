from django.conf import settings
from django.db import migrations, transaction

from jobs import instances
from models_app.models.property_values import BEST, COST, SECONDS, values_of

BATCH = 500
FIELDS = (
    "pk", "hyperparameters", "final_metrics", "progress", "started", "ended", "billable_seconds", "instance_type",
    "described__ResourceConfig__InstanceCount",
)  # fmt: skip


def fill(apps, schema_editor):
    """Write the values of all jobs, a batch a transaction. An interrupted run is repeated from the start."""
    jobs, rows = apps.get_model("models_app", "TrainingJob"), apps.get_model("models_app", "JobValue")
    properties, pks = apps.get_model("models_app", "JobProperty"), {}
    last = 0
    while batch := list(jobs.objects.filter(pk__gt=last).order_by("pk").values(*FIELDS)[:BATCH]):
        last = batch[-1]["pk"]
        with transaction.atomic():
            new = []
            for job in batch:
                for value in values_of(job["hyperparameters"], job["final_metrics"], _figures(job)):
                    name = value[:2]
                    if name not in pks and len(pks) < 2000:
                        pks[name] = properties.objects.get_or_create(kind=value.kind, name=value.name)[0].pk
                    if name in pks:
                        new.append(
                            rows(job_id=job["pk"], property_id=pks[name], number=value.number, text=value.text)
                        )
            rows.objects.bulk_create(new, batch_size=2000, ignore_conflicts=True)


def _figures(job):
    progress = job["progress"]
    figures = {BEST: progress.get("judged", {}).get("value", progress.get("best"))}
    if job["started"] and job["ended"]:
        seconds = (job["ended"] - job["started"]).total_seconds()
        billable = job["billable_seconds"] if job["billable_seconds"] is not None else seconds
        count = job["described__ResourceConfig__InstanceCount"] or 1
        free = settings.BACKEND == "engine"
        figures |= {SECONDS: seconds, COST: instances.cost(job["instance_type"], billable, count, free=free)}
    return figures


class Migration(migrations.Migration):
    atomic = False  # one transaction would lock the database for as long as it takes

    dependencies = [("models_app", "0021_list_values")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True, atomic=False)]
