"""The resources of a job: instance type, memory, disk, time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algorithms.contract import InvalidHyperparameters
from common.messages import _, gettext_noop
from jobs.estimate import expected_seconds
from jobs.instance_types import GIBIBYTES, gpu, memory
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, hold_out, warn

LONGEST_RUN = 28 * 24 * 3600  # seconds; SageMaker's own limit
MOST_HELD_OUT = 0.9
DISK_FACTOR = 1.0  # File mode copies every object once before training begins
MEMORY_FACTOR = 4.0  # bytes in memory for a byte of text, where the algorithm does not say better
GIB = 1024**3
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.(small|medium|large|xlarge|\d+xlarge|metal)")


@check(
    "compute.instance_type",
    gettext_noop("SageMaker has the instance type"),
    ok=gettext_noop("SageMaker has the instance type"),
)
def instance_type(context: CheckContext) -> Iterator[Finding]:
    """SageMaker has the instance type for training, the console allows it, and it has the GPU that the job needs."""
    kind = context.job.instance_type
    field = "instance_type"
    types = context.account.instance_types() if context.account else None
    if not _TYPE.fullmatch(kind) or (types is not None and kind not in types):
        yield err(
            _("SageMaker has no instance type %(type)s for training", type=repr(kind)),
            _("Choose one, for example ml.m5.large."),
            field=field,
            value=kind,
            raw=f"Value '{kind}' at 'resourceConfig.instanceType' failed to satisfy constraint: "
            "Member must satisfy enum value set",
            fixes=(Fix(_("Use ml.m5.large"), {"instance_type": "ml.m5.large"}),),
        )
        return
    setting = context.algorithm.container.gpu
    if setting and context.job.hyperparameters.get(setting.name) == setting.value and not gpu(kind):
        names = {"setting": setting.name, "value": setting.value, "instead": setting.without}
        yield err(
            _("%(setting)s %(value)s needs a GPU, and %(type)s has none", type=kind, **names),
            _("Use %(instead)s, or an instance with a GPU such as ml.g4dn.xlarge.", **names),
            field=f"hp-{setting.name}",
            fixes=(
                Fix(_("Set %(setting)s to %(instead)s", **names), {f"hp-{setting.name}": setting.without}),
                Fix(_("Use ml.g4dn.xlarge"), {"instance_type": "ml.g4dn.xlarge"}),
            ),
        )
    allowed = context.account.allowed_instance_types() if context.account else None
    if allowed is not None and kind not in allowed:
        yield err(
            _("%(type)s may not be used here", type=kind),
            _("Allowed are %(types)s.", types=", ".join(allowed[:8])),
            field=field,
            fixes=(Fix(_("Use %(type)s", type=allowed[0]), {"instance_type": allowed[0]}),) if allowed else (),
        )
    if gpu(kind) and not setting:
        yield warn(
            _("%(title)s makes no use of the GPU of %(type)s", title=context.algorithm.title, type=kind),
            _("An instance without one does the same for less."),
            field=field,
        )


@check(
    "compute.time",
    gettext_noop("The time limit is one SageMaker takes, and enough"),
    ok=gettext_noop("The time limit is enough"),
)
def time(context: CheckContext) -> Iterator[Finding]:
    """The time limit is within SageMaker's range and above the estimate that the form shows."""
    limit = context.job.max_runtime
    if not 1 <= limit <= LONGEST_RUN:
        yield err(
            _("The longest run time cannot be %(n)s seconds", n=f"{limit:,}"),
            _("It is from 1 second to 28 days (2,419,200 seconds)."),
            field="max_runtime",
            fixes=(Fix(_("Stop after 1 hour"), {"max_runtime": 3600}),),
        )
        return
    needed = expected_seconds(context.job, context.facts) if context.rows else 0.0
    if needed > limit:
        enough = int(needed * 2 // 3600 + 1) * 3600
        yield warn(
            _(
                "Training takes about %(needed)s s, and is stopped after %(limit)s s",
                needed=f"{needed:,.0f}",
                limit=f"{limit:,}",
            ),
            _("A job that is stopped leaves no finished model."),
            field="max_runtime",
            fixes=(Fix(_("Stop after %(n)s hours", n=enough // 3600), {"max_runtime": min(enough, LONGEST_RUN)}),),
        )


def _memory(context: CheckContext) -> float:
    """Bytes by the algorithm's own estimate, 0 when it has none or the settings are wrong."""
    if not context.rows:
        return 0.0
    try:
        values = context.algorithm.parse(context.effective_hyperparameters)
    except InvalidHyperparameters:
        return 0.0
    return float(context.algorithm.memory(values, context.facts))


@check(
    "compute.memory",
    gettext_noop("The table fits into the instance's memory"),
    needs="table",
    ok=gettext_noop("The table fits into the instance's memory"),
)
def memory_(context: CheckContext) -> Iterator[Finding]:
    """The estimated memory fits into the instance: a warning above 90 %, an error above 150 %."""
    have = memory(context.job.instance_type)
    size = _size(context)
    needed = _memory(context) or (
        4.0 * context.facts.rows * context.facts.features * 3 if context.rows else size * MEMORY_FACTOR
    )
    if have and needed > 0.9 * have:
        yield (err if needed > 1.5 * have else warn)(
            _(
                "Training needs about %(needed)s GiB, %(type)s has %(have)s GiB",
                needed=f"{needed / GIB:.1f}",
                type=context.job.instance_type,
                have=f"{have / GIB:.0f}",
            ),
            _("Choose a larger instance, or leave out columns."),
            field="instance_type",
            raw="exit code 137",
            fixes=tuple(Fix(_("Use %(type)s", type=kind), {"instance_type": kind}) for kind in _larger(needed)[:1]),
        )


def _larger(needed: float) -> list[str]:
    fitting = [kind for kind, gib in GIBIBYTES.items() if kind.startswith("ml.m5.") and gib * GIB * 0.8 >= needed]
    return sorted(fitting, key=lambda kind: GIBIBYTES[kind])


def _size(context: CheckContext) -> float:
    if context.is_raw and context.raw_tables:
        return float(sum(table.size for table in context.raw_tables.values()))
    return float(context.inspection.size if context.inspection else context.profile.size if context.profile else 0)


@check(
    "compute.disk",
    gettext_noop("The data fits onto the volume"),
    needs="table",
    ok=gettext_noop("The data fits onto the volume"),
)
def disk(context: CheckContext) -> Iterator[Finding]:
    """The data of File mode, which is copied to the volume, fits onto it."""
    gib = context.job.volume_gb
    needed = _size(context) * DISK_FACTOR
    if context.job.input_mode == "File" and needed > gib * GIB * 0.95:
        enough = int(needed / GIB * 1.3) + 5
        yield err(
            _("The data is %(needed)s GiB, the volume %(gib)s GiB", needed=f"{needed / GIB:.1f}", gib=gib),
            _("File mode copies everything before training begins."),
            field="volume_gb",
            raw="ClientError: Data download failed:Insufficient disk space",
            fixes=(Fix(_("Use %(n)s GiB", n=enough), {"volume_gb": enough}),),
        )


@check(
    "compute.held_out",
    gettext_noop("The held-out share leaves rows to learn from"),
    mode="prepared",
    ok=gettext_noop("The held-out share leaves rows to learn from"),
)
def held_out(context: CheckContext) -> Iterator[Finding]:
    """The shares of validation and test rows are from 0 to 0.9 together."""
    recipe = context.job.recipe
    shares = {"validation_share": recipe.validation_share, "test_share": recipe.test_share}
    if recipe.validation not in ("share", "time", "group"):
        del shares["validation_share"]
    for name, share in shares.items():
        if not 0 <= share <= MOST_HELD_OUT:
            yield err(
                _("The held-out share cannot be %(share)s", share=f"{share:g}"),
                _("Hold out a share from 0 to 0.9 of the rows, for example 0.2."),
                field=f"recipe.{name}",
                fixes=(hold_out() if name == "validation_share" else _hold_out_test(),),
            )
            return
    if (total := sum(shares.values())) > MOST_HELD_OUT:
        yield err(
            _("Validation and test rows are %(share)s of the table together", share=f"{total:.0%}"),
            _("Hold out 90 % of the rows at most, for example a fifth for validation and a tenth for the test."),
            field="recipe.test_share",
            fixes=(hold_out(), _hold_out_test()),
        )


def _hold_out_test() -> Fix:
    return Fix(_("Hold out a tenth of the rows for the test"), {"recipe.test_share": 0.1})
