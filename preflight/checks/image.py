"""The container image: its version, and what the version supports."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, has_versions, newest_image, warn


@check(
    "image.version",
    gettext_noop("The image's version is known"),
    only=has_versions,
    ok=gettext_noop("The image's version is known"),
)
def version(context: CheckContext) -> Iterator[Finding]:
    """The tag is one of AWS's, and not by accident the oldest."""
    tag = context.job.image_tag
    container = context.algorithm.container
    if container.version(tag) is None:
        yield err(
            _("%(title)s has no image %(tag)s", title=context.algorithm.title, tag=tag),
            _("AWS has %(tags)s.", tags=", ".join(container.tags)),
            field="image_tag",
            value=tag,
            fixes=(newest_image(context),),
        )
    elif context.image.outdated_since and tag:
        yield warn(
            _(
                "The image %(tag)s is version %(version)s of %(year)s",
                tag=tag,
                version=context.image.name,
                year=context.image.outdated_since,
            ),
            _("latest and 1 mean this old version, not the newest. Many hyperparameters and metrics are not in it."),
            field="image_tag",
            value=tag,
            fixes=(newest_image(context),),
        )


@check(
    "image.objective",
    gettext_noop("The image's version has the objective"),
    only=has_versions,
    ok=gettext_noop("The image's version has the objective"),
)
def objective(context: CheckContext) -> Iterator[Finding]:
    """The image's version has the objective."""
    wanted = context.job.hyperparameters.get("objective", "")
    if wanted in context.image.missing_objectives:
        old = context.image.older_objectives.get(wanted, "")
        fixes: tuple[Fix, ...] = (newest_image(context),)
        if old:
            fixes += (Fix(_("Use %(old)s", old=old), {"hp-objective": old}),)
        yield err(
            _("Version %(tag)s does not have the objective %(name)s", tag=context.image.name, name=wanted),
            _("Use a newer image, or another objective."),
            field="hp-objective",
            value=wanted,
            raw=f"Hyperparameter objective: {wanted} is not in",
            fixes=fixes,
        )


@check(
    "image.standalone",
    gettext_noop("Amazon SageMaker can run the algorithm by its image alone"),
    only=lambda algorithm: bool(algorithm.needs_on_aws),
    needs="account",
    ok=gettext_noop("The algorithm can run here"),
)
def standalone(context: CheckContext) -> Iterator[Finding]:
    """Amazon SageMaker runs the algorithm by its image alone, without a JumpStart script."""
    if context.account and context.account.is_amazon() and context.algorithm.needs_on_aws:
        other = algorithms.get(algorithms.DEFAULT)
        yield err(
            _("%(algorithm)s cannot be started on Amazon SageMaker from here", algorithm=context.algorithm.title),
            _(context.algorithm.needs_on_aws),
            field="algorithm",
            fixes=(Fix(_("Use %(algorithm)s", algorithm=other.title), {"algorithm": other.name}),),
        )
