"""The specification of a training job, each field once.

A new option of a job is a line here. Forms, links, rows and requests follow the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import algorithms
from common.messages import gettext_noop
from jobs.options import Option, options_of
from tables.recipe import Recipe

HOUR = 3600  # seconds
RUNTIMES = (
    (600, gettext_noop("10 minutes")),
    (HOUR, gettext_noop("1 hour")),
    (4 * HOUR, gettext_noop("4 hours")),
    (24 * HOUR, gettext_noop("24 hours")),
    (5 * 24 * HOUR, gettext_noop("5 days")),
)
REPLICATED, SHARDED = "FullyReplicated", "ShardedByS3Key"
DISTRIBUTIONS = (
    (SHARDED, gettext_noop("Divided among the instances")),
    (REPLICATED, gettext_noop("All rows on every instance")),
)
IDLE_HOURS = (
    (0, gettext_noop("Never")),
    (1, gettext_noop("1 hour")),
    (4, gettext_noop("4 hours")),
    (24, gettext_noop("1 day")),
    (72, gettext_noop("3 days")),
    (168, gettext_noop("1 week")),
)


@dataclass
class JobSpec:
    """What a person asks of SageMaker: a training job, and what is done with its model.

    With `recipe.prepare` False the objects go to the container as they are. `channels`, `content_types`,
    `compression` and `sharded` are those of a request that somebody wrote; {} lets preparing the table decide.
    """

    name: Annotated[str, Option(gettext_noop("Name"), form=True, request="TrainingJobName")] = ""
    algorithm: Annotated[str, Option(gettext_noop("Algorithm"), form=True, row=True)] = algorithms.DEFAULT
    image_tag: Annotated[str, Option()] = ""  # of the container; "" is the newest
    data_uri: Annotated[str, Option(gettext_noop("Training data"), form=True, row=True, link="data")] = ""
    data_etag: Annotated[str, Option(row=True)] = ""  # the version that a person looked at; "": whichever is there
    recipe: Annotated[Recipe, Option(row=True)] = field(default_factory=Recipe)
    code: Annotated[dict[str, Any], Option(row=True)] = field(default_factory=dict)  # a jobs.code.spec.CodeSpec as JSON
    hyperparameters: Annotated[dict[str, str], Option(row=True, request="HyperParameters")] = field(
        default_factory=dict
    )
    channels: Annotated[dict[str, str], Option()] = field(default_factory=dict)  # {channel: uri}
    content_types: Annotated[dict[str, str], Option()] = field(default_factory=dict)  # {channel: content type}
    compression: Annotated[dict[str, str], Option()] = field(default_factory=dict)  # {channel: None | Gzip}
    sharded: Annotated[list[str], Option()] = field(default_factory=list)  # channels whose objects the instances share
    input_mode: Annotated[str, Option(request="AlgorithmSpecification.TrainingInputMode")] = "File"
    instance_type: Annotated[
        str, Option(gettext_noop("Compute"), form=True, row=True, request="ResourceConfig.InstanceType", absent="")
    ] = "ml.m5.large"
    instance_count: Annotated[
        int, Option(gettext_noop("Instances"), form=True, row=True, request="ResourceConfig.InstanceCount", least=1)
    ] = 1
    # Of the training rows, where they are prepared for an algorithm that can divide them.
    data_distribution: Annotated[
        str, Option(gettext_noop("Training rows"), form=True, row=True, choices=DISTRIBUTIONS)
    ] = SHARDED
    volume_gb: Annotated[int, Option(row=True, request="ResourceConfig.VolumeSizeInGB", absent=0)] = 30
    max_runtime: Annotated[
        int,
        Option(
            gettext_noop("Stop after"), form=True, row=True, choices=RUNTIMES, unit="seconds",
            request="StoppingCondition.MaxRuntimeInSeconds", absent=24 * HOUR,
        ),
    ] = HOUR  # fmt: skip
    # Training is stopped when it has cost this much.
    cost_limit: Annotated[
        float | None, Option(gettext_noop("Cost limit"), form=True, row=True, least=0.01, unit="dollars")
    ] = None
    # One key=value a line (`common.tags`), on everything that is made at SageMaker.
    tags: Annotated[str, Option(gettext_noop("Tags"), form=True)] = ""
    role_arn: Annotated[str, Option(request="RoleArn")] = ""
    region: Annotated[str, Option()] = ""
    output_uri: Annotated[str, Option(request="OutputDataConfig.S3OutputPath")] = ""  # s3://bucket/prefix
    deploy_when_done: Annotated[bool, Option(gettext_noop("Deploy when training is done"), form=True, row=True)] = True
    endpoint_name: Annotated[str, Option(gettext_noop("Endpoint name"), form=True, row=True)] = ""  # "": the model's
    # Deploy only if this metric of the validation rows is at least (errors: at most) the threshold; None: always.
    deploy_metric: Annotated[str, Option(gettext_noop("Deploy only if"), form=True, row=True)] = ""
    deploy_threshold: Annotated[float | None, Option(gettext_noop("Deploy only if"), form=True, row=True)] = None
    # Delete the endpoint after so many hours without a request; 0: never.
    idle_hours: Annotated[
        int, Option(gettext_noop("Stop when idle for"), form=True, row=True, choices=IDLE_HOURS, unit="hours")
    ] = 0

    def content_type(self, channel: str, default: str) -> str:
        """The content type of a raw channel: the declared one; of a request that leaves it out, ""; else `default`."""
        return self.content_types.get(channel, "" if self.channels else default)

    @property
    def shards(self) -> int:
        """The number of instances that prepared training rows are divided among; 1 where each has all of them."""
        algorithm = algorithms.ALGORITHMS.get(self.algorithm)
        divides = algorithm is not None and algorithm.divides_rows and self.data_distribution == SHARDED
        return self.instance_count if divides and self.recipe.prepare else 1

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults, as JSON takes it."""
        values = {o.name: getattr(self, o.name) for o in OPTIONS if getattr(self, o.name) != o.default}
        return values | ({"recipe": self.recipe.as_json()} if "recipe" in values else {})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> JobSpec:
        """The specification of `as_json`; names that are no fields are left out."""
        values = {o.name: stored[o.name] for o in OPTIONS if o.name in stored}
        return cls(**values | ({"recipe": Recipe.from_json(values["recipe"])} if "recipe" in values else {}))

    @classmethod
    def from_row(cls, row: Any, **more: Any) -> JobSpec:
        """The specification in the columns of `row`, and `more`, for which a row has no column."""
        values = {o.name: getattr(row, o.name) for o in OPTIONS if o.row}
        values["recipe"] = Recipe.from_json(values["recipe"])
        values["hyperparameters"] = dict(values["hyperparameters"])
        return cls(**values | more)

    def as_row(self) -> dict[str, Any]:
        """{column: value} of a model's row."""
        return {o.name: getattr(self, o.name) for o in OPTIONS if o.row} | {"recipe": self.recipe.as_json()}

    def but(self, **changes: Any) -> JobSpec:
        """A copy with `changes`."""
        return replace(self, **changes)


OPTIONS: tuple[Option, ...] = options_of(JobSpec)
