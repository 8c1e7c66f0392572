"""The models or training jobs of a comparison, as the address names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from models_app.models import Evaluation, Model, TrainingJob

FEW, MOST = 4, 50  # up to FEW are columns with letters, more are rows with numbers
LETTERS = "ABCD"
COLOURS = ("s1", "s2", "s3")


@dataclass(frozen=True)
class Member:
    """One of them. Neither model nor job: it was removed since. `index` counts from 0, in the order of the address."""

    name: str
    index: int
    is_one_of_few: bool
    cls: str = "many"  # its colour
    model: Model | None = None
    job: TrainingJob | None = None
    evaluation: Evaluation | None = None  # a finished one

    @property
    def letter(self) -> str:
        """ "A" of few, "1" of many."""
        return LETTERS[self.index] if self.is_one_of_few else f"{self.index + 1}"

    @property
    def label(self) -> str:
        """What sentences and legends call it."""
        return self.letter if self.is_one_of_few else self.name

    @property
    def thing(self) -> Model | TrainingJob | None:
        """The row that the address named."""
        return self.row_of_model or self.job

    @property
    def row_of_model(self) -> Model | None:
        """The model, where models are compared."""
        return self.model if self.model and self.model.name == self.name else None

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("model" if self.row_of_model else "job", args=[self.name])

    @property
    def document(self) -> dict[str, Any]:
        """Its evaluation's document; {} without one."""
        return self.evaluation.document if self.evaluation else {}

    @property
    def kind(self) -> tuple[str, ...]:
        """What must be the same for figures of test rows to be comparable: the kind of prediction and the classes."""
        classes = self.model.schema.get("classes", []) if self.model else []
        return (self.document["kind"], *classes) if self.document else ()


def models_named(names: Sequence[str]) -> list[Member]:
    """The members of a comparison of models."""
    rows = Model.objects.filter(name__in=names, deleting=False).select_related("owner", "job", "endpoint")
    return _members(names, {row.name: (row, row.job) for row in rows})


def jobs_named(names: Sequence[str]) -> list[Member]:
    """The members of a comparison of training jobs."""
    rows = TrainingJob.objects.filter(name__in=names).select_related("owner", "model")
    return _members(names, {row.name: (row.model, row) for row in rows})


def _members(
    names: Sequence[str], rows: dict[str, tuple[Model | None, TrainingJob | None]]
) -> list[Member]:  # fmt: skip
    jobs = [job.pk for _model, job in rows.values() if job]
    done = Evaluation.objects.filter(job_id__in=jobs, on="", status=Evaluation.Status.DONE)
    evaluations = {evaluation.job_id: evaluation for evaluation in done}
    members = []
    for index, name in enumerate(names):
        model, job = rows.get(name, (None, None))
        evaluation = evaluations.get(job.pk) if job else None
        members.append(Member(name, index, len(names) <= FEW, "many", model, job, evaluation))
    return members
