from django.db import migrations, models
from django.db.models import F


def live_jobs_began_when_they_started(apps, schema_editor):
    """MaxRuntimeInSeconds counts from the first start, whatever claims come later."""
    live = apps.get_model("engine", "TrainingJob").objects.filter(status__in=("InProgress", "Stopping"))
    live.update(work_started=F("started"))


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0001_initial"),
    ]

    operations = [
        operation
        for model in ("trainingjob", "endpoint")
        for operation in (
            migrations.RenameField(model, "owner", "worker"),
            migrations.AlterField(
                model,
                "worker",
                models.CharField(
                    blank=True, help_text='"host:pid:random" of the one that has the row', max_length=80
                ),
            ),
            migrations.AlterField(
                model, "attempt", models.PositiveIntegerField(default=0, help_text="How many workers have begun.")
            ),
            migrations.AlterField(
                model,
                "heartbeat",
                models.DateTimeField(
                    blank=True, help_text="The worker's last, by the database's clock.", null=True
                ),
            ),
            migrations.AddField(
                model,
                "work_started",
                models.DateTimeField(
                    blank=True,
                    help_text="When the first attempt began, by the database's clock.",
                    null=True,
                ),
            ),
        )
    ] + [migrations.RunPython(live_jobs_began_when_they_started, migrations.RunPython.noop)]
