from django.db import migrations, models
from django.db.models import F

from models_app.models.message_field import MessageField


def preparing_is_an_attempt_of_its_own(apps, schema_editor):
    """What was counted of a job that is still being prepared were attempts to prepare, not to launch."""
    created = apps.get_model("models_app", "TrainingJob").objects.filter(status="Created")
    created.update(attempt=F("launch_attempts"), launch_attempts=0)


def claim_fields():
    return {
        "worker": models.CharField(
            blank=True, help_text='"host:pid:random" of the one that has the row', max_length=80
        ),
        "attempt": models.PositiveIntegerField(default=0, help_text="How many workers have begun."),
        "heartbeat": models.DateTimeField(
            blank=True, help_text="The worker's last, by the database's clock.", null=True
        ),
        "work_started": models.DateTimeField(
            blank=True, help_text="When the first attempt began, by the database's clock.", null=True
        ),
    }


class Migration(migrations.Migration):

    dependencies = [
        ("models_app", "0003_stored_messages"),
    ]

    operations = [
        migrations.RemoveField("endpoint", "attempts"),
        migrations.RemoveField("endpoint", "retry_at"),
        migrations.AlterField(
            "endpoint", "note", MessageField(blank=True, help_text="What it waits for, in words.")
        ),
        migrations.RemoveField("trainingjob", "retry_at"),
        migrations.RenameField("trainingjob", "attempts", "launch_attempts"),
        migrations.AlterField(
            "trainingjob",
            "launch_attempts",
            models.PositiveIntegerField(default=0, help_text="How often SageMaker was asked to start it."),
        ),
        *(migrations.AddField("trainingjob", name, field) for name, field in claim_fields().items()),
        migrations.RunPython(preparing_is_an_attempt_of_its_own, migrations.RunPython.noop),
        migrations.RemoveField("scan", "claimed_until"),
        migrations.RenameField("scan", "attempts", "attempt"),
        *(
            (migrations.AlterField if name == "attempt" else migrations.AddField)("scan", name, field)
            for name, field in claim_fields().items()
        ),
    ]
