"""The container image: its version, and what the version supports."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.images import KNOWN, NEWEST, image
from preflight.registry import check, err, warn


def _newest() -> Fix:
    return Fix(_("Use version %(tag)s", tag=NEWEST), {"image_tag": NEWEST})


@check(
    "image.version",
    gettext_noop("The image's version is known"),
    algorithms=("xgboost",),
    ok=gettext_noop("The image's version is known"),
)
def version(context: CheckContext) -> Iterator[Finding]:
    """The tag is one of AWS's, and not by accident the oldest."""
    tag = context.job.image_tag
    if image(tag) is None:
        yield err(
            _("There is no XGBoost image %(tag)s", tag=tag),
            _("AWS has %(tags)s.", tags=", ".join(KNOWN)),
            field="image_tag",
            value=tag,
            fixes=(_newest(),),
        )
    elif context.image.tag == "0.72" and tag:
        yield warn(
            _("The image %(tag)s is version 0.72 of 2018", tag=tag),
            _("latest and 1 mean this old version, not the newest. Many hyperparameters and metrics are not in it."),
            field="image_tag",
            value=tag,
            fixes=(_newest(),),
        )


@check(
    "image.objective",
    gettext_noop("The image's version has the objective"),
    algorithms=("xgboost",),
    ok=gettext_noop("The image's version has the objective"),
)
def objective(context: CheckContext) -> Iterator[Finding]:
    """The image's XGBoost version has the objective."""
    wanted = context.job.hyperparameters.get("objective", "")
    if wanted in context.image.objectives_since:
        old = {"reg:squarederror": "reg:linear"}.get(wanted, "")
        fixes: tuple[Fix, ...] = (_newest(),)
        if old:
            fixes += (Fix(_("Use %(old)s", old=old), {"hp-objective": old}),)
        yield err(
            _("Version %(tag)s does not have the objective %(name)s", tag=context.image.tag, name=wanted),
            _("Use a newer image, or another objective."),
            field="hp-objective",
            value=wanted,
            raw=f"Hyperparameter objective: {wanted} is not in",
            fixes=fixes,
        )


@check(
    "image.standalone",
    gettext_noop("Amazon SageMaker can run the algorithm by its image alone"),
    algorithms=("catboost", "lightgbm"),
    needs="account",
    ok=gettext_noop("The algorithm can run here"),
)
def standalone(context: CheckContext) -> Iterator[Finding]:
    """Amazon SageMaker runs the algorithm by its image alone, without a JumpStart script."""
    if context.account and context.account.is_amazon() and context.algorithm.needs_on_aws:
        yield err(
            _("%(algorithm)s cannot be started on Amazon SageMaker from here", algorithm=context.algorithm.title),
            _(context.algorithm.needs_on_aws),
            field="algorithm",
            fixes=(Fix(_("Use XGBoost"), {"algorithm": "xgboost"}),),
        )
