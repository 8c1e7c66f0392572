"""A CreateTrainingJob request as a job to check, its objects given to the container as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import algorithms
from common.problems import Problem
from preflight.job import Job
from tables.recipe import Recipe


def job_of(request: Mapping[str, Any]) -> Job:
    """The job that boto3's `create_training_job(**request)` would start. Raises Problem naming what is missing."""
    specification = _part(request, "AlgorithmSpecification")
    image = specification.get("TrainingImage", "")
    algorithm = algorithms.for_image(image)
    if algorithm is None:
        raise Problem(
            f"{image or 'The request'} names none of the algorithms that can be checked: "
            f"{', '.join(algorithms.ALGORITHMS)}.",
            "image",
        )
    resources = _part(request, "ResourceConfig")
    channels = {c.get("ChannelName", ""): c for c in request.get("InputDataConfig") or []}
    uris = {name: c.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri", "") for name, c in channels.items()}
    modes = [c["InputMode"] for c in channels.values() if c.get("InputMode")]
    return Job(
        name=request.get("TrainingJobName", ""),
        algorithm=algorithm.name,
        image_tag=_tag(image),
        hyperparameters={name: str(value) for name, value in (request.get("HyperParameters") or {}).items()},
        data_uri=uris.get(algorithm.data.train) or next(iter(uris.values()), ""),
        recipe=Recipe(prepare=False),
        channels=uris,
        content_types={name: c["ContentType"] for name, c in channels.items() if c.get("ContentType")},
        compression={name: c["CompressionType"] for name, c in channels.items() if c.get("CompressionType")},
        input_mode=modes[0] if modes else specification.get("TrainingInputMode", "File"),
        instance_type=resources.get("InstanceType", ""),
        instance_count=int(resources.get("InstanceCount", 1)),
        volume_gb=int(resources.get("VolumeSizeInGB", 0)),
        max_runtime=int(request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86400)),
        role_arn=request.get("RoleArn", ""),
        region=image.split(".")[3] if image.count(".") > 4 else "",
    )


def _part(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = request.get(name)
    if not isinstance(found, Mapping):
        raise Problem(f"The request has no {name}. Give it as boto3's create_training_job takes it.", name)
    return found


def _tag(image: str) -> str:
    """The tag of an image URI; none means latest, as Docker reads it."""
    last = image.rsplit("/", 1)[-1].split("@", 1)[0]
    return last.partition(":")[2] or "latest"
