"""Creates the tuning job of a form, or says why not."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import IntegrityError

import algorithms
from common.messages import _
from common.tags import parse
from jobs import JobSpec
from jobs.tuning.checks import search_problems
from jobs.tuning.search import Search
from models_app.aws import names
from models_app.create import checks
from models_app.create.submit import model_columns, parse_intent
from models_app.models import TuningJob
from models_app.problems import Invalid, Problem
from models_app.tuning.actions import LONGEST, begin, free_name
from tables import Inspection


def create(user, spec: JobSpec, search: Search, intent: UUID | str | None, more: Iterable[Problem] = ()) -> TuningJob:
    """Create the tuning job of `search` over `spec` and start it.

    `intent` identifies the request: a second call with the same one returns the first's job. Raises Invalid with every
    problem, those of `more` too; then nothing was created.
    """
    intent = parse_intent(intent or uuid4())
    if existing := existing_job(user, intent):
        return existing
    problems_of_job, table = checks.examine(spec, tuning_name)
    problems = [*more, *problems_of_job, *search_problems(spec, search, task_of(spec, table))]
    if not problems:
        assert table
        try:
            return begin(user, spec.name, model_columns(spec, table), search, intent, parse(spec.tags))
        except IntegrityError:
            pass  # another submit took the name
        if existing := existing_job(user, intent):
            return existing
        problems = [_taken(spec.name)]
    raise Invalid(problems)


def existing_job(user, intent: UUID) -> TuningJob | None:
    """The tuning job of the form `intent`. Raises Problem for that of somebody else."""
    row = TuningJob.objects.filter(intent=intent).first()
    if row and row.owner_id != user.pk:
        raise Problem(_("This form was submitted by somebody else. Load the page again."))
    return row


def task_of(spec: JobSpec, table: Inspection | None) -> str | None:
    """The task of `spec` on `table`; None where only the whole table tells."""
    algorithm = algorithms.ALGORITHMS.get(spec.algorithm)
    if algorithm is None or table is None:
        return None
    if not algorithm.supervised:
        return ""
    return algorithm.task_of(spec.hyperparameters, table.task) if table.complete and table.task else None


def tuning_name(name: str) -> None:
    """Raises Problem(field="name") unless a tuning job may be called `name`."""
    if not name:
        raise Problem(_("Tuning job name is required."), "name")
    if not names.is_valid(name, LONGEST):
        raise Problem(names.rule(_("A tuning job name"), longest=LONGEST), "name")
    if name in names.RESERVED:
        words = _("%(name)s is the address of a page. Enter a different name, for example %(name)s-model.", name=name)
        raise Problem(words, "name")
    if TuningJob.objects.filter(name=name).exists():
        raise _taken(name)


def _taken(name: str) -> Problem:
    words = _(
        "Tuning job name %(name)s already exists. Enter a different name, for example %(free)s.",
        name=name, free=free_name(name),
    )  # fmt: skip
    return Problem(words, "name")
