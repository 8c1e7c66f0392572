"""A model as a person sees it: one name from the table it learns from to the endpoint it answers at."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now

import algorithms
from common.db.nudge import nudge
from jobs.spec import SHARDED
from models_app.models.message_field import MessagesField
from models_app.models.model_presenter import ModelPresenter
from tables.predictions import SCORE_KIND, THRESHOLD
from tables.recipe import Recipe


class Model(ModelPresenter, models.Model):
    """What was asked for. What became of it is on its training job and its endpoint."""

    name = models.CharField(max_length=63, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="models")
    created = models.DateTimeField(default=now)
    # The form's own key: a double submit carries the same one and finds the first's model.
    intent = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    cloned_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="clones")
    deleting = models.BooleanField(default=False)
    delete_files = models.BooleanField(default=False, help_text="What it left in S3 goes with it.")

    algorithm = models.CharField(max_length=40)
    data_uri = models.CharField(
        max_length=1200, help_text="s3://bucket/key of an object, or s3://bucket/prefix/ of several"
    )
    data_etag = models.CharField(
        max_length=80, blank=True, help_text="What was inspected; launch refuses anything else."
    )
    data_format = models.CharField(max_length=20, default="csv")
    has_header = models.BooleanField(default=True)
    delimiter = models.CharField(max_length=10, default=",")
    target = models.TextField(
        blank=True, help_text="Name of the column to predict; '#1' by position when there is no header."
    )
    recipe = models.JSONField(default=dict, help_text="A tables.Recipe: how the table is read, mended and split")
    code = models.JSONField(default=dict, help_text="A jobs.code.spec.CodeSpec, where the algorithm is code")
    hyperparameters = models.JSONField(
        default=dict, help_text="{name: text} as the algorithm takes them, changed ones only"
    )
    instance_type = models.CharField(max_length=40, default="ml.m5.large")
    instance_count = models.PositiveIntegerField(default=1)
    data_distribution = models.CharField(max_length=20, default=SHARDED)
    max_runtime = models.PositiveIntegerField(default=3600, help_text="seconds")
    deploy_when_done = models.BooleanField(default=True)
    endpoint_name = models.CharField(max_length=63, blank=True)
    deploy_metric = models.CharField(max_length=40, blank=True, help_text="Deploy only if this metric ...")
    deploy_threshold = models.FloatField(null=True, blank=True, help_text="... is at least this (errors: at most).")
    idle_hours = models.PositiveIntegerField(default=0, help_text="Delete the endpoint when idle for so long; 0: never")
    cost_limit = models.FloatField(null=True, blank=True, help_text="US dollars training may cost")
    volume_gb = models.PositiveIntegerField(default=30)

    # What preparing the data found: {"columns": [{"name", "type", "role", "classes"?}], "target", "classes",
    # "rows", "train_rows", "validation_rows", "test_rows"}
    schema = models.JSONField(default=dict)
    lineage = MessagesField(
        default=dict, help_text='{"objects": [{"uri", "etag", "size"}], "rows", "fixes": [message], "prepared": bool}'
    )

    card = models.JSONField(
        default=dict, help_text='What a person wrote of it: {"intended_use", "limits", "contact", "by", "at"}'
    )

    job = models.OneToOneField(
        "TrainingJob", models.SET_NULL, null=True, blank=True, related_name="model_now", help_text="The latest attempt."
    )
    endpoint = models.OneToOneField("Endpoint", models.SET_NULL, null=True, blank=True, related_name="model_now")

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(
                fields=["-created", "-id", "deleting", "name", "algorithm", "owner", "job", "endpoint"],
                name="model_search",
            ),
            models.Index(fields=["algorithm", "id"], name="model_algorithm"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_recipe(self) -> Recipe:
        """The recipe, with the header and the target that were found when the model was created."""
        recipe = Recipe.from_json(self.recipe)
        recipe.has_header, recipe.target = self.has_header, self.target
        return recipe

    @property
    def own_schema(self) -> dict:
        """The schema without the threshold that a person keeps: what the artifact itself is measured by."""
        return {name: value for name, value in self.schema.items() if name != THRESHOLD}

    @property
    def answer_schema(self) -> dict:
        """The schema with what the model's scores mean: one of an earlier version leaves it to the hyperparameters."""
        algorithm = algorithms.ALGORITHMS.get(self.algorithm)
        if SCORE_KIND in self.schema or algorithm is None:
            return self.schema
        hyperparameters = self.job.hyperparameters if self.job else self.hyperparameters
        kind = algorithm.score_kind(hyperparameters, self.schema.get("task", ""))
        return {**self.schema, SCORE_KIND: kind.value}

    def changed(self) -> None:
        """Nudge the pages that show this model."""
        nudge("models", f"model-{self.pk}")
