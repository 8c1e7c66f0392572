"""The page of a new tuning job: the form of Create model, filled from anything that form can be filled from."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from jobs.snippets.tuning import tuning_programs
from jobs.tuning.checks import search_problems
from jobs.tuning.plan import TuningPlan, estimate_tuning
from models_app.create import drafts, submission
from models_app.create.code import plan_of
from models_app.create.context import form_context, launch_context
from models_app.create.sidebar import sidebar_context, table_of
from models_app.create.tuning.form import TuneForm
from models_app.create.tuning.submit import create, task_of
from models_app.problems import Invalid, Problem
from models_app.web.highlight import Snippet
from models_app.web.render import render_page
from tables import Inspection

PAGE = "create/tuning/page.html"


def tuning_page(request, form: TuneForm, status: int = 200, done: str = "") -> HttpResponse:
    """The page with `form`."""
    context: dict = {"done": done, "room": "tuning", "drafts": []}
    context |= form_context(form, request.user, rescan="rescan" in request.POST) | {"form": form}
    context |= aside_context(request, form, context.get("inspection"))
    return render_page(request, PAGE, context, status=status)


def aside_context(request, form: TuneForm, table: Inspection | None = None) -> dict:
    """What the sidebar needs: that of Create model, and the estimate of all tries."""
    table = table or table_of(form)
    tuning = estimate_tuning(form.spec(), form.search(), table)
    return sidebar_context(request, form, table) | {"tuning": tuning, "estimate": tuning.all, "share": ""}


def start(request, form: TuneForm) -> HttpResponse | None:
    """Create the tuning job of `form`: the way to its page. None if it is refused; then `form` has the problems."""
    if form.is_valid():
        try:
            spec = form.spec()
            spec.data_etag = submission.inspected_etag(request, spec.data_uri)
            row = create(request.user, spec, form.search(), form["intent"].value(), form.recipe_problems)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Problem as problem:
            form.add_problems([problem])
        else:
            drafts.discard(request.user, str(form["intent"].value()))
            messages.success(request, format_html(_("Tuning job <b>{}</b> is started."), row.name))
            return redirect("tuning_job", name=row.name)
    drafts.save(request.user, request.POST)
    return None


def snippets(form: TuneForm) -> tuple[TuningPlan, list[Snippet]]:
    """(the plan of launching `form`, which names a plain job `my-model`; its programs)."""
    sent = form.unbound()
    data, report = launch_context(sent)
    launch = plan_of(sent, data, report)
    task = task_of(sent.spec(), data.inspection)
    problems = tuple([*form.problems, *launch.problems] or search_problems(launch.spec, sent.search(), task))
    plan = TuningPlan(replace(launch, problems=problems), sent.search(), task)
    return plan, [Snippet(program.key, program.title, program.code) for program in tuning_programs(plan)]
