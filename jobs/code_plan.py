"""What launching people's own code sends. Pure: no network, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from common import tags
from common.messages import _
from common.problems import Problem
from jobs.code.declaration import declare
from jobs.code.request import (
    SOURCE,
    hosting_environment,
    image_uri,
    metric_definitions,
    script_hyperparameters,
    train_channel,
)
from jobs.code.spec import CodeSpec
from jobs.limits import max_runtime
from jobs.plan import Channel, LaunchPlan
from jobs.spec import JobSpec
from tables.inspection import Inspection

CONTENT_TYPES = {"csv": "text/csv", "parquet": "application/x-parquet", "jsonlines": "application/jsonlines"}


@dataclass(frozen=True)
class CodePlan(LaunchPlan):
    """The plan of a job with code of a person's own. `hyperparameters` are theirs, each as JSON."""

    @cached_property
    def code(self) -> CodeSpec:
        """The code that is launched."""
        return CodeSpec.from_json(self.spec.code)

    @property
    def image(self) -> str:
        """The URI of the framework image in the job's Region."""
        return image_uri(self.code, self.spec.region)

    @property
    def source_uri(self) -> str:
        """Where the archive of the source is, s3://bucket/prefix/<job>/source/sourcedir.tar.gz."""
        return f"{self.folder}/source/{SOURCE}"

    @property
    def written_schema_uri(self) -> str:
        """Empty: the columns go to the code by name."""
        return ""

    @property
    def hosting_environment(self) -> Mapping[str, str]:
        """The variables that say where the code is."""
        return hosting_environment(self.code, self.source_uri, self.spec.region)

    def training_job(self) -> dict[str, Any]:
        """The CreateTrainingJob request of script mode, with people's tags alone. Raises the first of `problems`."""
        request = super().training_job()
        spec, code = self.spec, self.code
        request["HyperParameters"] = script_hyperparameters(
            code, self.hyperparameters, self.source_uri, spec.name, spec.region
        )
        if definitions := metric_definitions(code, code.check.metrics):
            request["AlgorithmSpecification"]["MetricDefinitions"] = definitions
        return request


def plan_code(spec: JobSpec, table: Inspection | None) -> CodePlan:
    """The plan for `spec`, whose data goes to the code as it is."""
    code = CodeSpec.from_json(spec.code)
    check = code.check
    plan = CodePlan(spec, declare(code, check), (), {}, spec.max_runtime, table, in_place=True)
    problems = [Problem(finding.text, "code_text") for finding in check.problems]
    problems += code.problems_of(spec.hyperparameters)
    try:
        tags.parse(spec.tags)
        plan = replace(plan, max_runtime=max_runtime(spec))
    except Problem as problem:
        problems.append(problem)
    if not spec.data_uri:
        problems.append(Problem(_("Training data is required. Choose an S3 location."), "data_uri"))
    if problems:
        return replace(plan, problems=tuple(problems))
    channels = tuple(channels_of(spec, code, table.format if table else "csv"))
    return replace(plan, channels=channels, hyperparameters=code.encode(spec.hyperparameters))


def channels_of(spec: JobSpec, code: CodeSpec, data_format: str) -> list[Channel]:
    """The channels: the data, and where a second location was given, that as the next channel."""
    kind = CONTENT_TYPES.get(data_format, "text/csv")
    names = [channel.name for channel in code.check.channels] or [train_channel(code), "validation"]
    uris = [spec.data_uri, *([spec.recipe.validation_uri] if spec.recipe.validation == "location" else [])]
    return [Channel(name, uri, kind) for name, uri in zip(names, uris, strict=False) if uri]


def plan_code_prepared(
    spec: JobSpec, channels: Mapping[str, str], content_types: Mapping[str, str], hyperparameters: Mapping[str, str]
) -> CodePlan:
    """The plan for a job whose source is uploaded: {channel: uri}, {channel: content type}, values as JSON."""
    ready = tuple(Channel(name, uri, content_types[name]) for name, uri in channels.items())
    plan = CodePlan(
        spec, declare(CodeSpec.from_json(spec.code)), ready, hyperparameters, spec.max_runtime, in_place=True
    )
    try:
        return replace(plan, max_runtime=max_runtime(spec))
    except Problem as problem:
        return replace(plan, problems=(problem,))
