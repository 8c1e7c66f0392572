"""What launching a job sends, worked out from its specification and what is known of its table.

Pure: no network, no clock. A form, preflight, the launch itself and the job as a program all go by one plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import algorithms
from algorithms import fold_score, refit
from algorithms.contract import NO_ENVIRONMENT, Facts
from algorithms.spec import Algorithm
from common import tags
from common.problems import Problem
from jobs.estimate import estimated_facts
from jobs.folds import may_fold
from jobs.instances import hosting_type
from jobs.limits import max_runtime
from jobs.request import request_part
from jobs.spec import REPLICATED, SHARDED, JobSpec
from tables.class_weights import are_weights_written, class_counts
from tables.inspection import Inspection
from tables.monotone import monotone_directions
from tables.outline import Outline, check_rows, is_raw, may_fit, outline, raw_content_type
from tables.profile import Profile
from tables.sparse_layout import RECORDIO


@dataclass(frozen=True)
class Channel:
    """One input channel: where its rows are, and their content type."""

    name: str
    uri: str
    content_type: str
    is_sharded: bool = False  # each instance gets some of its objects; else every instance all

    @property
    def distribution(self) -> str:
        """S3DataDistributionType."""
        return SHARDED if self.is_sharded else REPLICATED

    def as_request(self) -> dict[str, Any]:
        """The member of InputDataConfig."""
        source = {"S3DataType": "S3Prefix", "S3Uri": self.uri, "S3DataDistributionType": self.distribution}
        return {"ChannelName": self.name, "DataSource": {"S3DataSource": source}, "ContentType": self.content_type}


@dataclass(frozen=True)
class LaunchPlan:
    """What a launch sends, as far as it can be known. `spec.name` is the training job's name.

    `in_place`: the objects are the channels as they are; False: the table is prepared and the channels are written;
    None: unknown until the whole table is read. `hyperparameters` are those known; `open_hyperparameters` are settled
    when the whole table is read. `problems` keep the job from being launched.
    """

    spec: JobSpec
    algorithm: Algorithm
    channels: tuple[Channel, ...]
    hyperparameters: Mapping[str, str]
    max_runtime: int
    table: Inspection | None = None
    in_place: bool | None = None
    open_hyperparameters: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_exact(self) -> bool:
        """True if the whole table was read, so that the launch sends this very request."""
        return self.in_place is not None and not self.open_hyperparameters

    @property
    def image(self) -> str:
        """The URI of the algorithm's image in the job's Region."""
        return self.algorithm.image_uri(self.spec.region)

    @property
    def folder(self) -> str:
        """Where everything of the job is kept, s3://bucket/prefix/<job>."""
        return job_folder(self.spec.output_uri, self.spec.name)

    @property
    def written_schema_uri(self) -> str:
        """Where preparing the table writes how its columns are encoded; "" for objects that are used in place.

        Objects in place have a schema too, but only once the console has launched a job of theirs.
        """
        return "" if self.in_place else f"{self.folder}/schema.json"

    @property
    def hosting_environment(self) -> Mapping[str, str]:
        """The variables of the endpoint's container, beside the schema."""
        return NO_ENVIRONMENT

    @property
    def hosting_type(self) -> str:
        """The instance type of the endpoint."""
        return hosting_type(self.spec.instance_type)

    @property
    def endpoint(self) -> str:
        """The endpoint that is created whatever the trained model is worth; "" for none."""
        spec = self.spec
        always = spec.deploy_when_done and (spec.deploy_threshold is None or not spec.deploy_metric)
        return (spec.endpoint_name or spec.name) if always else ""

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags that a person wants on everything that is made, as requests have them."""
        return tags.as_request(tags.parse(self.spec.tags))

    @property
    def refits(self) -> bool:
        """True if the job is told to train its model once more on all rows."""
        return self.spec.recipe.refit and self.algorithm.refits

    def training_job(self) -> dict[str, Any]:
        """The CreateTrainingJob request, with people's tags alone. Raises the first of `problems`."""
        if self.problems:
            raise self.problems[0]
        request = request_part(self.spec.but(hyperparameters=dict(self.hyperparameters), max_runtime=self.max_runtime))
        request["AlgorithmSpecification"]["TrainingImage"] = self.image
        request["InputDataConfig"] = [channel.as_request() for channel in self.channels]
        if self.tags:
            request["Tags"] = self.tags
        if self.refits:
            request["Environment"] = {refit.VARIABLE: refit.YES}
        if may_fold(self.spec.recipe, self.algorithm):
            request["Environment"][fold_score.VARIABLE] = str(fold_score.COUNT)
        return request

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON types; `request` is None when problems keep the job from being launched."""
        return {
            "in_place": self.in_place,
            "open_hyperparameters": [*self.open_hyperparameters],
            "problems": [str(problem) for problem in self.problems],
            "request": None if self.problems else self.training_job(),
        }


def job_folder(output_uri: str, job_name: str) -> str:
    """Where everything of one job is kept below `output_uri`."""
    return f"{output_uri}/{job_name}"


def plan_launch(spec: JobSpec, table: Inspection | None, profile: Profile | None = None) -> LaunchPlan:
    """The plan for `spec` on `table`, which `profile` describes whole where it was read whole.

    Raises KeyError for an algorithm that does not exist.
    """
    algorithm = algorithms.get(spec.algorithm)
    known, still_open = _settle(spec, algorithm, _extremes(spec, algorithm))
    plan = LaunchPlan(
        spec, algorithm, _written_channels(spec, algorithm), known, spec.max_runtime, table,
        open_hyperparameters=still_open,
    )  # fmt: skip
    try:
        tags.parse(spec.tags)
        plan = replace(plan, max_runtime=max_runtime(spec))
    except Problem as problem:
        plan = replace(plan, problems=(problem,))
    if table is None:
        return plan
    whole = profile if profile and profile.complete else table.profile if table.complete else None
    if whole is None:
        return _of_part(plan, table)
    try:
        return _of_whole(
            plan, table, outline(table, whole, spec.recipe, algorithm, _task(spec, algorithm), spec.shards)
        )
    except Problem as problem:
        return replace(plan, problems=(*plan.problems, problem))


def plan_prepared(
    spec: JobSpec, channels: Mapping[str, str], content_types: Mapping[str, str], hyperparameters: Mapping[str, str]
) -> LaunchPlan:
    """The plan for a table that is prepared: {channel: uri} and {channel: content type} of what was written."""
    algorithm = algorithms.get(spec.algorithm)
    sharded = {channel.uri for channel in _written_channels(spec, algorithm) if channel.is_sharded}
    ready = tuple(Channel(name, uri, content_types[name], uri in sharded) for name, uri in channels.items())
    plan = LaunchPlan(spec, algorithm, ready, hyperparameters, spec.max_runtime, in_place=False)
    try:
        return replace(plan, max_runtime=max_runtime(spec))
    except Problem as problem:
        return replace(plan, problems=(problem,))


def _task(spec: JobSpec, algorithm: Algorithm) -> Callable[[str], str]:
    """The task of `spec`, given the one that its target suggests."""
    return partial(algorithm.task_of, spec.hyperparameters)


def _of_part(plan: LaunchPlan, table: Inspection) -> LaunchPlan:
    """The plan for a table of which the beginning was read: what its other rows cannot change."""
    spec, algorithm = plan.spec, plan.algorithm
    if is_raw(table, spec.recipe):
        kind = raw_content_type(table, algorithm)
        return replace(plan, in_place=True, channels=_in_place_channels(spec, algorithm, table, kind))
    if table.profile is None or (spec.shards == 1 and may_fit(table, table.profile, spec.recipe, algorithm)):
        return plan
    if estimated_facts(spec, table).entries:  # more rows have more texts
        plan = replace(plan, channels=tuple(replace(channel, content_type=RECORDIO) for channel in plan.channels))
    return replace(plan, in_place=False)


def _of_whole(plan: LaunchPlan, table: Inspection, outlined: Outline) -> LaunchPlan:
    spec, algorithm, contract = plan.spec, plan.algorithm, plan.algorithm.data
    channels = plan.channels
    validation = outlined.has_validation(spec.recipe, contract)
    if outlined.in_place:
        channels = _in_place_channels(spec, algorithm, table, outlined.content_type)
    else:
        channels = tuple(replace(channel, content_type=outlined.content_type) for channel in channels)
        channels = channels if validation else channels[:1]
    rows = outlined.train_rows(spec.recipe, contract)
    check_rows(algorithm, rows[1])
    task, classes = outlined.target.task, len(outlined.target.classes)
    directions, weighted = [monotone_directions(outlined.schema, spec.recipe)], bool(spec.recipe.weight)
    weighted = weighted or are_weights_written(outlined.target, spec.recipe, algorithm)
    counts = class_counts(outlined.target, spec.recipe)
    if directions[0] and not outlined.in_place and outlined.fits_rows(spec.recipe, contract):
        directions.append((0, *directions[0]))  # a category of held-out rows alone becomes no feature
    possible = product(rows, outlined.feature_counts(spec.recipe, contract), directions)
    facts = [
        Facts(task, classes, n, width, validation, weighted=weighted, class_counts=counts, monotone=ways)
        for n, width, ways in possible
    ]
    known, still_open = _settle(spec, algorithm, facts)
    return replace(
        plan, in_place=outlined.in_place, channels=channels, hyperparameters=known, open_hyperparameters=still_open
    )


def _settle(spec: JobSpec, algorithm: Algorithm, possible: Iterable[Facts]) -> tuple[dict[str, str], tuple[str, ...]]:
    """(hyperparameters that are the same whichever of the `possible` facts hold, the names of the others)."""
    outcomes = [algorithm.settle(spec.hyperparameters, facts) for facts in possible]
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome))
    known = {n: outcomes[0][n] for n in names if all(outcome.get(n) == outcomes[0].get(n) for outcome in outcomes)}
    return known, tuple(name for name in names if name not in known)


def _extremes(spec: JobSpec, algorithm: Algorithm) -> Iterator[Facts]:
    """What a table of which nothing is known may be, at its smallest and its largest."""
    classes = {"regression": (0,), "binary": (2,), "multiclass": (3, 1000), "": (0,)}
    choose = _task(spec, algorithm)
    tasks = {choose(suggested) for suggested in classes if suggested} - {""} if algorithm.supervised else {""}
    for task in sorted(tasks):
        for rest in product(classes[task], (1, 10**9), (1, 10**4), (False, True)):
            weighted = bool(spec.recipe.weight) or (spec.recipe.class_weights != "" and task == "multiclass")
            directions = ((1,), (-1,)) if spec.recipe.monotone else ((),)
            counts = ((1,) * rest[0], (2,) * (rest[0] - 1) + (1,)) if spec.recipe.class_weights and rest[0] else ((),)
            for ways, rows in product(directions, counts):
                yield Facts(task, *rest, weighted=weighted, class_counts=rows, monotone=ways)


def _written_channels(spec: JobSpec, algorithm: Algorithm) -> tuple[Channel, ...]:
    """The channels that preparing writes."""
    contract, folder = algorithm.data, job_folder(spec.output_uri, spec.name)
    names = [contract.train]
    if spec.recipe.validation != "none" and contract.validation:
        names.append(contract.validation)
    divided = spec.shards > 1
    return tuple(
        Channel(name, f"{folder}/{name}/", contract.content_type, divided and name == contract.train) for name in names
    )


def _in_place_channels(spec: JobSpec, algorithm: Algorithm, table: Inspection, kind: str) -> tuple[Channel, ...]:
    contract, recipe = algorithm.data, spec.recipe
    channels = [Channel(contract.train, table.uri, kind)]
    if recipe.validation == "location" and contract.validation:
        channels.append(Channel(contract.validation, recipe.validation_uri.strip(), kind))
    return tuple(channels)
