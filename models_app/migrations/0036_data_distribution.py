from django.db import migrations, models


class Migration(migrations.Migration):
    """Models made so far gave every instance all rows; new ones divide them."""

    dependencies = [("models_app", "0035_artifact_bytes")]

    operations = [
        migrations.AddField(
            "model", "data_distribution", models.CharField(default="FullyReplicated", max_length=20)
        ),
        migrations.AlterField(
            "model", "data_distribution", models.CharField(default="ShardedByS3Key", max_length=20)
        ),
    ]
