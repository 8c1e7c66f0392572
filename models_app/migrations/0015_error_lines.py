from django.db import migrations, models

from models_app.text.failures import error_lines

LOG_END = 300


def fill(apps, schema_editor):
    """Keep the error lines of the jobs that have failed already."""
    jobs, lines = apps.get_model("models_app", "TrainingJob"), apps.get_model("models_app", "LogLine")
    for pk in jobs.objects.filter(status="Failed", lines__isnull=False).distinct().values_list("pk", flat=True):
        last = lines.objects.filter(job=pk).order_by("-number").values_list("text", flat=True)[:LOG_END]
        jobs.objects.filter(pk=pk).update(error_lines=error_lines([*last][::-1]))


class Migration(migrations.Migration):
    dependencies = [("models_app", "0014_cloned_from")]

    operations = [
        migrations.AddField(
            model_name="trainingjob",
            name="error_lines",
            field=models.JSONField(
                blank=True,
                help_text="Of a failed job: text.failures.error_lines of its log; null: not looked for",
                null=True,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
