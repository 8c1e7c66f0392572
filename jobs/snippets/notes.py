"""What a program says in comments: what keeps it from running, what the console does besides, what is not known."""

from __future__ import annotations

from collections.abc import Callable

from common.amounts import duration
from common.messages import _
from jobs.code_plan import CodePlan
from jobs.plan import LaunchPlan
from jobs.spec import HOUR
from tables.inspection import Inspection
from tables.recipe import Recipe
from tables.split import held_out_shares

MOST_NAMED = 5  # columns in a sentence


def refusals(plan: LaunchPlan) -> list[str]:
    """Why the job is not launched; empty when it is."""
    return [_one_line(problem.message) for problem in plan.problems]


def comments(plan: LaunchPlan) -> str:
    """The head of a program: comment lines and an empty one, or ""."""
    lines = [_("The console does not start this job:"), *refusals(plan)] if plan.problems else _notes(plan)
    return "".join(f"# {_one_line(line)}\n" for line in lines) + ("\n" if lines else "")


def remarks(plan: LaunchPlan) -> str:
    """The head of a program that prepares the table itself: as `comments`, without what only the console knows."""
    if plan.problems:
        return comments(plan)
    lines = []
    if plan.in_place is False:
        lines = [_("This program prepares the table first, as the console does. It:"), *_steps(plan)]
    lines += _after(plan)
    return "".join(f"# {_one_line(line)}\n" for line in lines) + ("\n" if lines else "")


def _notes(plan: LaunchPlan) -> list[str]:
    lines = []
    if isinstance(plan, CodePlan):
        lines.append(
            _("The console writes the code to %(uri)s. Write it there before you run this.", uri=plan.source_uri)
        )
        return lines + _after(plan)
    if plan.in_place is None:
        lines.append(_("Unknown until the whole table is read: whether it is used as it is or prepared first."))
    elif not plan.in_place:
        lines.append(_("The console prepares the table first; this program takes what it wrote."))
        lines += [f"{plan.spec.data_uri or 's3://bucket/key'}: {step}" for step in _steps(plan)]
    if unsettled := plan.open_hyperparameters:
        lines.append(
            _("Unknown until the whole table is read: the hyperparameters %(names)s.", names=", ".join(unsettled))
        )
    if not (plan.in_place and plan.is_exact):
        lines.append(
            _("Create the model once: its page shows the channels and the hyperparameters. Put them in place of these.")
        )
    return lines + _after(plan)


def _steps(plan: LaunchPlan) -> list[str]:
    """What the console does to the table before it trains."""
    recipe, steps, table = plan.spec.recipe, [], plan.table
    if table is None or table.has_header:
        steps.append(_("takes the header row off"))
    if target := _target(plan, table):
        steps.append(_("puts the column %(name)s first, classes as numbers from 0", name=target))
    if recipe.weight:
        steps.append(_("puts the column %(name)s second, as the weight of the row", name=recipe.weight))
    if recipe.excluded:
        steps.append(_("leaves out %(names)s", names=", ".join(recipe.excluded[:MOST_NAMED])))
    steps.append(_("writes text, dates and yes or no as numbers"))
    if plan.algorithm.data.scale:
        steps.append(_("standardises the columns where their sizes differ"))
    shares = held_out_shares(recipe, plan.algorithm.data)
    if shares.validation:
        steps.append(_HELD_OUT[recipe.validation](f"{shares.validation:.0%}", recipe))
    if shares.test:
        steps.append(_("holds out %(share)s of the rows for the test", share=f"{shares.test:.0%}"))
    return steps


_HELD_OUT: dict[str, Callable[[str, Recipe], str]] = {
    "share": lambda share, _recipe: _("holds out %(share)s of the rows", share=share),
    "time": lambda share, recipe: _(
        "holds out the latest %(share)s of the rows by %(column)s", share=share, column=recipe.time_column
    ),
    "group": lambda share, recipe: _(
        "holds out %(share)s of the rows in whole groups by %(column)s", share=share, column=recipe.group_column
    ),
}


def _target(plan: LaunchPlan, table: Inspection | None) -> str:
    if not plan.algorithm.supervised:
        return ""
    return plan.spec.recipe.target or (table.target_suggestion if table else "")


def _after(plan: LaunchPlan) -> list[str]:
    """What the console does after training and a program does not."""
    spec, lines = plan.spec, []
    if spec.deploy_when_done and spec.deploy_threshold is not None and spec.deploy_metric:
        gate = f"{spec.deploy_metric} {spec.deploy_threshold:g}"
        lines.append(_("The console deploys the model only if it reaches %(gate)s; this program does not.", gate=gate))
    if plan.endpoint and spec.idle_hours:
        time = duration(spec.idle_hours * HOUR)
        lines.append(_("The console deletes the endpoint when it is idle for %(time)s.", time=time))
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())
