"""The Create model form as programs: boto3, AWS CLI, SageMaker Python SDK, Sagewright's own SDK, Terraform.

Every text is made of one `Plan`, so that they say the same. Pure: no network, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

import algorithms
from algorithms.contract import InvalidHyperparameters
from jobs import JobSpec
from models_app.aws import prices
from models_app.create import code_texts, estimates
from models_app.create.cost_limit import ENDING
from models_app.endpoints.snippets import Snippet
from tables import Inspection


@dataclass(frozen=True)
class Channel:
    """One input channel: where its rows are, and their content type."""

    name: str
    uri: str
    content_type: str


@dataclass(frozen=True)
class Plan:
    """What the programs will ask for. `steps` is what the console does before, and nothing else does."""

    name: str
    algorithm: str
    image: str
    region: str
    role: str
    output: str
    channels: tuple[Channel, ...]
    hyperparameters: dict[str, str]
    instance_type: str
    hosting_type: str  # of the endpoint
    volume_gb: int
    max_runtime: int
    endpoint: str  # "" to leave the model undeployed
    steps: tuple[str, ...] = field(default=())

    @property
    def as_arguments(self) -> dict:
        """CreateTrainingJob's arguments, without the job's name."""
        return {
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "RoleArn": self.role,
            "HyperParameters": self.hyperparameters,
            "InputDataConfig": [
                {
                    "ChannelName": channel.name,
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": channel.uri,
                            "S3DataDistributionType": "FullyReplicated",
                        }
                    },
                    "ContentType": channel.content_type,
                }
                for channel in self.channels
            ],
            "OutputDataConfig": {"S3OutputPath": self.output},
            "ResourceConfig": {
                "InstanceType": self.instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": self.volume_gb,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": self.max_runtime},
        }


def plan_of(spec: JobSpec, found: Inspection | None) -> Plan:
    """What `spec` comes to for a table as `found` shows it. Nothing is looked up."""
    known = algorithms.ALGORITHMS
    algorithm = known.get(spec.algorithm) or next(iter(known.values()))
    name = spec.name or "my-model"
    whole = is_in_place(spec, found)
    folder = f"s3://{settings.DEFAULT_BUCKET}/sagewright"
    data = spec.data_uri or f"s3://{settings.DEFAULT_BUCKET}/data/train.csv"
    if whole:
        kind = "text/libsvm" if found and found.format == "libsvm" else algorithm.data.content_type
        channels = [Channel(algorithm.data.train, data, kind)]
        if spec.recipe.validation == "location" and spec.recipe.validation_uri:
            channels.append(Channel("validation", spec.recipe.validation_uri, kind))
    else:
        channels = [Channel(algorithm.data.train, f"{folder}/{name}/train/", algorithm.data.content_type)]
        if spec.recipe.validation != "none" and algorithm.data.validation:
            place = f"{folder}/{name}/validation/"
            channels.append(Channel(algorithm.data.validation, place, algorithm.data.content_type))
    return Plan(
        name=name,
        algorithm=algorithm.name,
        image=algorithm.image_uri(settings.REGION),
        region=settings.REGION,
        role=settings.ROLE_ARN,
        output=folder,
        channels=tuple(channels),
        hyperparameters=_settled(spec, found),
        instance_type=spec.instance_type,
        hosting_type=prices.hosting(spec.instance_type),
        volume_gb=spec.volume_gb,
        max_runtime=_runtime(spec),
        endpoint=(spec.endpoint_name or name) if spec.deploy_when_done else "",
        steps=() if whole else _steps(spec, found, channels),
    )


def is_in_place(spec: JobSpec, found: Inspection | None) -> bool:
    """Does the table go to the algorithm as it is, as far as the rows seen can tell?"""
    if not spec.recipe.prepare:
        return True
    if found is None:
        return False
    if found.format == "libsvm":
        return True
    plain = found.format == "csv" and found.delimiter == "," and not found.compression and not found.has_header
    supervised = algorithms.ALGORITHMS[spec.algorithm].supervised if spec.algorithm in algorithms.ALGORITHMS else True
    first = not supervised or found.columns[0].name == (spec.recipe.target or found.target_suggestion)
    numbers = all(column.kind == "number" and not column.missing for column in found.columns)
    return plain and first and numbers and spec.recipe.validation in ("none", "location") and _is_plain_recipe(spec)


def _is_plain_recipe(spec: JobSpec) -> bool:
    recipe = spec.recipe
    return not (recipe.excluded or recipe.types or recipe.numbers or recipe.bad_cells or recipe.duplicates != "keep")


def snippets(plan: Plan) -> list[Snippet]:
    """One text each for boto3, the AWS CLI, the SageMaker SDK, Sagewright's SDK and Terraform."""
    return [
        Snippet("boto3", "boto3", code_texts.boto3(plan)),
        Snippet("cli", "AWS CLI", code_texts.cli(plan)),
        Snippet("sdk", "SageMaker SDK", code_texts.sdk(plan)),
        Snippet("sagewright", "sagewright SDK", code_texts.own(plan)),
        Snippet("terraform", "Terraform", code_texts.terraform(plan)),
    ]


def _settled(spec: JobSpec, found: Inspection | None) -> dict[str, str]:
    """The hyperparameters as SageMaker will be asked, as far as the table tells what is left open."""
    if found is None or spec.algorithm not in algorithms.ALGORITHMS:
        return dict(spec.hyperparameters)
    algorithm, facts = algorithms.get(spec.algorithm), estimates.facts_of(spec, found)
    if algorithm.supervised and not facts.task:
        return dict(spec.hyperparameters)
    try:
        return {name: str(value) for name, value in algorithm.settle(spec.hyperparameters, facts).items()}
    except (InvalidHyperparameters, KeyError, ValueError):
        return dict(spec.hyperparameters)


def _runtime(spec: JobSpec) -> int:
    hourly = prices.USD_PER_HOUR.get(spec.instance_type)
    if spec.cost_limit is None or not hourly:
        return spec.max_runtime
    return max(1, min(spec.max_runtime, int(spec.cost_limit / hourly * 3600) - ENDING))


def _steps(spec: JobSpec, found: Inspection | None, channels: list[Channel]) -> tuple[str, ...]:
    """What the console does to the table before it trains, a line each."""
    recipe, steps = spec.recipe, []
    if found is None or found.has_header:
        steps.append(_("takes the header row off"))
    target = recipe.target or (found.target_suggestion if found else "")
    if target:
        steps.append(_("puts the column %(name)s first, classes as numbers from 0") % {"name": target})
    if recipe.excluded:
        steps.append(_("leaves out %(names)s") % {"names": ", ".join(recipe.excluded[:5])})
    steps.append(_("writes text, dates and yes or no as numbers"))
    if recipe.validation == "share":
        steps.append(_("holds out %(share)s of the rows") % {"share": f"{recipe.validation_share:.0%}"})
    source = spec.data_uri or "s3://bucket/key"
    head = _("The console prepares the table first; this program takes what it wrote.")
    tail = _("Create the model once: its page shows the prepared channels. Put their addresses in place of these.")
    return (head, *(f"{source}: {step}" for step in steps), tail)
