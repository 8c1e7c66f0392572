"""The number of instances: what several need."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from algorithms.contract import InvalidHyperparameters
from common.limits import TRAINING_INSTANCES
from common.messages import _, gettext_noop
from jobs.folds import may_fold
from jobs.spec import SHARDED
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn
from tables.outline import is_raw

ONE_INSTANCE = {"instance_count": 1}


@check(
    "compute.count",
    gettext_noop("The number of instances can be used"),
    ok=gettext_noop("The number of instances can be used"),
)
def count(context: CheckContext) -> Iterator[Finding]:
    """There is at least 1 instance, the engine's algorithm and settings work on several, and each has 16 rows."""
    number = context.job.instance_count
    one = (Fix(_("Use 1 instance"), ONE_INSTANCE),)
    if number < 1:
        yield err(_("There is no instance to run on"), _("Enter 1 or more."), field="instance_count", fixes=one)
        return
    if number > 1 and context.account and not context.account.is_amazon():
        yield from _several_on_the_engine(context, number)
    if number > 1 and context.algorithm.distributes:
        yield from _shares(context, number)
    if number > 1 and context.rows and context.complete and context.rows < 16 * number:
        yield err(
            _("%(rows)s rows are too few for %(n)s instances", rows=f"{context.rows:,}", n=number),
            _("The container wants at least 16 rows an instance."),
            field="instance_count",
            raw="Got input data without labels. Please check the input data set. If training job is running on "
            "multiple instances, please switch to using single instance if number of records in the data set is less "
            "than number of workers",
            fixes=one,
        )


def _divides(context: CheckContext) -> bool:
    """True if each instance gets its share of the training rows."""
    table = context.inspection
    return context.job.shards > 1 and not (table and is_raw(table, context.job.recipe))


def _shares(context: CheckContext, number: int) -> Iterator[Finding]:
    """Instances that all have the same rows, or none."""
    one = Fix(_("Use 1 instance"), ONE_INSTANCE)
    if not context.is_raw and not _divides(context):
        divided = context.job.but(data_distribution=SHARDED).shards > context.job.shards
        fixes = (Fix(_("Divide the rows"), {"data_distribution": SHARDED}), one) if divided else (one,)
        yield warn(
            _("Each of the %(n)s instances gets all rows", n=number),
            _("They train no faster than one, and each is billed. From code, ShardedByS3Key divides several objects."),
            field="instance_count",
            fixes=fixes,
        )
    for channel in context.job.sharded:
        table = context.raw_tables.get(channel)
        if table and table.complete and len(table.files) < number:
            yield warn(
                _("Channel %(channel)s has fewer objects than the job has instances", channel=channel),
                _(
                    "%(n)s instances share %(objects)s. One without data is left out or ends the job, and is billed. "
                    "Divide the data into more objects.",
                    n=number,
                    objects=len(table.files),
                ),
                field="instance_count",
                raw=f"No data in channel {channel}",
                fixes=(one,),
            )


def _several_on_the_engine(context: CheckContext, number: int) -> Iterator[Finding]:
    """What the engine refuses of a job with several instances."""
    one, algorithm, recipe = Fix(_("Use 1 instance"), ONE_INSTANCE), context.algorithm, context.job.recipe
    if not algorithm.distributes:
        several = [a.title for a in algorithms.ALGORITHMS.values() if a.distributes]
        yield err(
            _("%(title)s trains on one instance here", title=algorithm.title),
            _("On several instances train: %(titles)s.", titles=", ".join(several)),
            field="instance_count",
            raw=f"ResourceConfig.InstanceCount: {algorithm.title} trains on one instance here. Give InstanceCount 1.",
            fixes=(one,),
        )
        return
    if number > TRAINING_INSTANCES:
        yield err(
            _("A job here has %(n)s instances at most", n=TRAINING_INSTANCES),
            _("Enter a smaller number."),
            field="instance_count",
            raw="ResourceLimitExceeded: The account-level service limit for training job usage is "
            f"{TRAINING_INSTANCES} Instances",
            fixes=(one,),
        )
    try:
        values = algorithm.parse(context.effective_hyperparameters)
    except InvalidHyperparameters:
        values = {}
    for problem in (problem for rule in algorithm.distributed_rules for problem in rule(values)):
        text = _("Hyperparameter %(name)s is not for several instances", name=problem.name)
        yield err(text, problem.message, field=f"hp-{problem.name}", raw=problem.message, fixes=(one,))
    if may_fold(recipe, algorithm):
        yield err(
            _("Folds choose the rounds on one instance only"),
            _("With several instances the held-out rows choose them."),
            field="recipe.folds",
            fixes=(Fix(_("Do without folds"), {"recipe.folds": False}), one),
        )
