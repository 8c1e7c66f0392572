"""A job specification from a CreateTrainingJob request, whose objects go to the container as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import algorithms
from algorithms.images import parse_image_uri
from common.problems import Problem
from jobs.spec import OPTIONS, SHARDED, JobSpec
from tables.recipe import Recipe


def spec_of_request(request: Mapping[str, Any]) -> JobSpec:
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
    _part(request, "ResourceConfig")
    channels = {c.get("ChannelName", ""): c for c in request.get("InputDataConfig") or []}
    sources = {name: c.get("DataSource", {}).get("S3DataSource", {}) for name, c in channels.items()}
    uris = {name: source.get("S3Uri", "") for name, source in sources.items()}
    modes = [c["InputMode"] for c in channels.values() if c.get("InputMode")]
    spec = JobSpec(
        algorithm=algorithm.name,
        image_tag=parse_image_uri(image).tag or "latest",  # none means latest, as Docker reads it
        data_uri=uris.get(algorithm.data.train) or next(iter(uris.values()), ""),
        recipe=Recipe(prepare=False),
        channels=uris,
        content_types={name: c["ContentType"] for name, c in channels.items() if c.get("ContentType")},
        compression={name: c["CompressionType"] for name, c in channels.items() if c.get("CompressionType")},
        sharded=[name for name, source in sources.items() if source.get("S3DataDistributionType") == SHARDED],
        region=image.split(".")[3] if image.count(".") > 4 else "",
        **_options(request),
    )
    spec.hyperparameters = {name: str(value) for name, value in spec.hyperparameters.items()}
    return spec.but(input_mode=modes[0]) if modes else spec


def request_part(spec: JobSpec) -> dict[str, Any]:
    """Those members of a CreateTrainingJob request that are options of `spec`."""
    request: dict[str, Any] = {}
    for option in OPTIONS:
        if option.request:
            *path, name = option.request.split(".")
            into = request
            for step in path:
                into = into.setdefault(step, {})
            into[name] = getattr(spec, option.name)
    return request


def _options(request: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for option in OPTIONS:
        if not option.request:
            continue
        value: Any = request
        for step in option.request.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        absent = option.default if option.absent is None else option.absent
        values[option.name] = absent if value is None else int(value) if option.type is int else value
    return values


def _part(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = request.get(name)
    if not isinstance(part, Mapping):
        raise Problem(f"The request has no {name}. Give it as boto3's create_training_job takes it.", name)
    return part
