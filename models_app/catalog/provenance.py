"""Provenance of a trained model, as JSON: everything that training it again needs."""

from typing import Any

from django.conf import settings

import algorithms
from common.messages import english
from jobs.portable.bundle import seeds_of
from models_app.models import Model, TrainingJob


def provenance_of(model: Model, job: TrainingJob) -> dict[str, Any]:
    """The data with its ETags, recipe, hyperparameters, seeds, image and versions behind the artifact of `job`.

    Sentences in it are in English, whatever the reader's language.
    """
    schema, algorithm = model.schema, algorithms.get(model.algorithm)
    described = job.described.get("AlgorithmSpecification", {})
    return {
        "trained": job.ended.isoformat() if job.ended else None,
        "training_job": job.name,
        "training_job_arn": job.arn,
        "image": described.get("TrainingImage") or algorithm.image_uri(settings.REGION),
        "instance": {"type": job.instance_type or model.instance_type, "count": model.instance_count},
        "sagewright": settings.VERSION,
        "hyperparameters": job.hyperparameters,
        "seeds": seeds_of(algorithm, job.hyperparameters, model.full_recipe.seed),
        "recipe": model.full_recipe.as_json(),
        "data": {
            "uri": model.data_uri,
            "etag": model.data_etag,
            "objects": model.lineage.get("objects", []),
            "changes": [english(change) for change in model.lineage.get("fixes", ())],
            "rows": {part: schema[part] for part in ("train_rows", "validation_rows", "test_rows") if part in schema},
        },
    }
