"""Everything that can speak against a spec, each with the rule and the fix in words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import CharField, PositiveIntegerField

import algorithms
import preflight
from common import tags
from common.messages import _
from jobs import JobSpec
from jobs.code.kinds import ALGORITHM as CODE
from jobs.limits import max_runtime
from jobs.spec import OPTIONS
from models_app import aws
from models_app.aws import job_spec, names, s3_store
from models_app.aws.account import ConsoleAccount
from models_app.aws.account_cache import CachedAccount
from models_app.create import code_checks
from models_app.data import scans
from models_app.endpoints.naming import require_free_name
from models_app.models import Model
from models_app.problems import Problem
from models_app.work import table_work
from preflight import JobData, Report, as_problem
from tables import Inspection
from tables.profile import Profile

MAX_INTEGER = 2**31 - 1  # of a PositiveIntegerField, in every database that Django knows
NAME_FIELDS = ("name", "endpoint_name")  # checked here, since the console's own names are taken too


def examine(spec: JobSpec, check_name: Callable[[str], None] | None = None) -> tuple[list[Problem], Inspection | None]:
    """All problems of `spec`, in the order of the form, and its table as inspected. Creates nothing.

    `check_name` raises Problem for a name that cannot be taken, `model_name` if none is given.
    """
    problems: list[Problem] = []
    _collect(problems, check_name or model_name, spec.name)
    _collect(problems, _check_etag, spec)
    if spec.algorithm == CODE:
        table_problems, table = code_checks.examine(spec)
    else:
        table_problems, table = _examine_table(spec)
    problems += table_problems
    _collect(problems, instance_type, spec.instance_type)
    _collect(problems, max_runtime, spec)
    _collect(problems, tags.parse, spec.tags)
    if spec.deploy_when_done:
        _collect(problems, require_free_name, spec.endpoint_name or spec.name, bool(spec.endpoint_name))
    fields = {problem.field for problem in problems}
    problems += [problem for problem in column_limits(spec) if problem.field not in fields]
    return problems, table


def _examine_table(spec: JobSpec) -> tuple[list[Problem], Inspection | None]:
    """The problems of an algorithm of the catalogue and its data, and the table as inspected."""
    problems: list[Problem] = []
    is_known = spec.algorithm in algorithms.ALGORITHMS
    if not is_known:
        there = ", ".join(algorithms.ALGORITHMS)
        problems.append(
            Problem(
                _(
                    "There is no algorithm %(algorithm)s. Choose one of: %(there)s.",
                    algorithm=repr(spec.algorithm),
                    there=there,
                ),
                "algorithm",
            )
        )
    supervised = not is_known or algorithms.get(spec.algorithm).supervised
    table = _collect(problems, s3_store.inspect, spec.data_uri, spec.recipe, supervised)
    if is_known:
        findings = report(spec, job_data(spec, table)).findings
        problems += [as_problem(f) for f in findings if f.level == "err" and f.field not in NAME_FIELDS]
    return problems, table


def report(spec: JobSpec, data: JobData) -> Report:
    """What preflight says of `spec` with `data`: of all of it where that was read, else of its beginning."""
    account: Any = CachedAccount(ConsoleAccount()) if data.inspection else None
    return preflight.check(job_spec.in_account(spec), data, account)


def job_data(spec: JobSpec, table: Inspection | None, stopped: Problem | None = None) -> JobData:
    """What is known of the data of `spec`, inspected as `table`. `stopped` is why there is no table.

    A small table that is to be used as it is, is read here; a large one is when its job is due, before it is started.
    """
    if stopped:
        return JobData(table, problems=[stopped])
    if table and not spec.recipe.prepare and table.size <= table_work.LARGE:
        data = s3_store.read_job_data(job_spec.in_account(spec), table.etag)
        return replace(data, inspection=table)
    scan = scans.find(table.uri, table.etag, spec.recipe) if table else None
    return JobData(table, Profile.from_json(scan.profile) if scan and scan.profile else None)


def column_limits(spec: JobSpec) -> Iterator[Problem]:
    """Problems of the options that are too long or too large for their columns, which PostgreSQL refuses."""
    for option in OPTIONS:
        if not option.row:
            continue
        column, value = Model._meta.get_field(option.name), getattr(spec, option.name)
        limit = column.max_length if isinstance(column, CharField) else None
        if limit and len(value) > limit:
            text = _(
                "%(label)s: up to %(limit)s characters, not %(n)s. Enter a shorter text.",
                label=_(option.label) or option.name,
                limit=limit,
                n=f"{len(value):,}",
            )
            yield Problem(text, option.name)
        elif isinstance(column, PositiveIntegerField) and not 0 <= value <= MAX_INTEGER:
            text = _(
                "%(label)s: 0 to %(limit)s, not %(n)s. Enter a smaller number.",
                label=_(option.label) or option.name,
                limit=f"{MAX_INTEGER:,}",
                n=f"{value:,}",
            )
            yield Problem(text, option.name)


def _check_etag(spec: JobSpec) -> None:
    """Raises Problem(field="location") when the data was replaced since a person saw it."""
    if not spec.data_etag:
        return
    try:
        source = s3_store.locate(spec.data_uri)
    except Problem:
        return  # it is said when the data is inspected
    s3_store.must_be(source, spec.data_etag, "nothing was started")


def instance_type(name: str) -> None:
    """Raises Problem(field="instance_type") unless SageMaker trains on `name`."""
    types = aws.client("sagemaker").meta.service_model.shape_for("TrainingInstanceType").enum
    if name not in types:
        text = _(
            "SageMaker has no instance type %(name)s for training. Choose one, for example ml.m5.large.",
            name=repr(name),
        )
        raise Problem(text, "instance_type")


def _collect(problems: list[Problem], ask, *args):
    try:
        return ask(*args)
    except Problem as e:
        problems.append(e)


def model_name(name: str) -> None:
    """Raises Problem(field="name") unless a model may be called `name`."""
    if not name:
        raise Problem(_("Model name is required."), "name")
    if not names.is_valid(name):
        raise Problem(names.rule(_("A model name")), "name")
    if name in names.RESERVED:
        raise Problem(
            _("%(name)s is the address of a page. Enter a different name, for example %(name)s-model.", name=name),
            "name",
        )
    if Model.objects.filter(name=name).exists():
        free = names.suggest(name, lambda n: Model.objects.filter(name=n).exists())
        raise Problem(
            _(
                "Model name %(name)s already exists. Enter a different name, for example %(free)s.",
                name=name,
                free=free,
            ),
            "name",
        )
