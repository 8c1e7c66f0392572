"""Metrics, hyperparameters and figures of jobs in a table of their own, by which lists of jobs filter and sort."""

from django.db import models

from models_app.models.job import TrainingJob


class JobProperty(models.Model):
    """The name of a metric, say, that some job has a value of."""

    class Kind(models.TextChoices):
        METRIC = "metric", "Metric"
        HYPERPARAMETER = "hyperparameter", "Hyperparameter"
        FIGURE = "figure", "Figure of the job"

    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="one_property_a_name")]

    def __str__(self) -> str:
        return self.name


class JobValue(models.Model):
    """One value of one job: a number, or a text where it is none."""

    job = models.ForeignKey(TrainingJob, models.CASCADE, related_name="values", db_index=False)
    property = models.ForeignKey(JobProperty, models.CASCADE, related_name="+", db_index=False)
    number = models.FloatField(null=True)
    text = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "property"], name="one_value_a_property")]
        indexes = [
            models.Index(fields=["property", "number", "job"], name="value_number"),
            models.Index(fields=["property", "text", "job"], name="value_text", condition=models.Q(number=None)),
        ]

    def __str__(self) -> str:
        if self.number is None:
            return self.text
        is_whole = float(self.number).is_integer() and abs(self.number) < 1e15
        return f"{self.number:.0f}" if is_whole else f"{self.number:.6g}"
