"""The Create model form as programs."""

from jobs.plan import LaunchPlan
from jobs.snippets import programs
from models_app.aws import job_spec
from models_app.create.form import CreateForm
from models_app.web.highlight import Snippet
from preflight import JobData, Report, plan_checked

UNNAMED = "my-model"


def plan_of(form: CreateForm, data: JobData, report: Report) -> LaunchPlan:
    """The plan of launching `form` on `data`, of which preflight says `report`."""
    spec = form.spec()
    named = spec.but(name=spec.name or UNNAMED, algorithm=form.selected_algorithm.name)
    return plan_checked(job_spec.in_account(named), data, report)


def snippets(plan: LaunchPlan) -> list[Snippet]:
    """The programs as the page shows them."""
    return [Snippet(program.key, program.title, program.code) for program in programs(plan)]
