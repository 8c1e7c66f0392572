"""The Create model form as programs."""

from dataclasses import replace

from jobs.plan import LaunchPlan, plan_launch
from jobs.snippets import programs
from models_app.aws import job_spec
from models_app.create.form import CreateForm
from models_app.data import scans
from models_app.endpoints.snippets import Snippet
from models_app.problems import Problem
from tables import Inspection
from tables.profile import Profile

UNNAMED = "my-model"


def plan_of(form: CreateForm, table: Inspection | None, problems: list[Problem]) -> LaunchPlan:
    """The plan of launching `form` on `table`; `problems` are those that keep it from being created."""
    spec = form.spec()
    scan = scans.find(table.uri, table.etag, spec.recipe) if table else None
    profile = Profile.from_json(scan.profile) if scan and scan.profile else None
    named = spec.but(name=spec.name or UNNAMED, algorithm=form.selected_algorithm.name)
    plan = plan_launch(job_spec.in_account(named), table, profile)
    return replace(plan, problems=tuple(problems)) if problems else plan


def snippets(plan: LaunchPlan) -> list[Snippet]:
    """The programs as the page shows them."""
    return [Snippet(program.key, program.title, program.code) for program in programs(plan)]
