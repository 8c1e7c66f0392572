"""Renames the field `seen` of jobs and endpoints; its column keeps its name, so the database stays as it is."""

from django.db import migrations, models

_FIELD = models.DateTimeField(
    blank=True, db_column="seen", help_text="When SageMaker last listed or described it.", null=True
)


class Migration(migrations.Migration):
    dependencies = [("models_app", "0030_notifications_of_tuning_and_batch")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("endpoint", "seen", "last_synced"),
                migrations.AlterField("endpoint", "last_synced", _FIELD),
                migrations.RenameField("tuningjob", "seen", "last_synced"),
                migrations.AlterField("tuningjob", "last_synced", _FIELD),
                migrations.RenameField("trainingjob", "seen", "last_synced"),
                migrations.AlterField("trainingjob", "last_synced", _FIELD),
                migrations.RenameField("transformjob", "seen", "last_synced"),
                migrations.AlterField("transformjob", "last_synced", _FIELD),
            ]
        )
    ]
