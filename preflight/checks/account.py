"""Checks that only the account can answer: the role, names in use, quotas, the budget."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from common.messages import _, gettext_noop
from preflight.account import AccountQueryError
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn

NAME = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}")
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")


@check("account.name", gettext_noop("The job's name can be had"), ok=gettext_noop("The name is free"))
def name(context: CheckContext) -> Iterator[Finding]:
    """The name has SageMaker's pattern and no training job of the account has it."""
    job_name = context.job.name
    if not job_name:
        return
    if len(job_name) > 63 or not NAME.fullmatch(job_name):
        yield _bad_name(job_name, "name", _("A job's name"))
    elif context.account and context.account.training_job_exists(job_name):
        yield err(
            _("Training job %(name)s already exists", name=job_name),
            _("A name is used once in an account and Region, also after the job has ended."),
            field="name",
            value=job_name,
            raw="Training job names must be unique within an AWS account and region, "
            "and a training job with this name already exists",
            fixes=_free(job_name, "name", context.account.training_job_exists),
        )


@check(
    "account.endpoint", gettext_noop("The endpoint's name can be had"), ok=gettext_noop("The endpoint's name is free")
)
def endpoint(context: CheckContext) -> Iterator[Finding]:
    """The endpoint's name has SageMaker's pattern and is not in use."""
    endpoint_name = context.job.endpoint_name
    if not context.job.deploy_when_done or not endpoint_name:
        return
    if len(endpoint_name) > 63 or not NAME.fullmatch(endpoint_name):
        yield _bad_name(endpoint_name, "endpoint_name", _("An endpoint's name"))
    elif context.account and context.account.endpoint_exists(endpoint_name):
        yield err(
            _("Endpoint name %(name)s already exists", name=endpoint_name),
            _("Enter a different name."),
            field="endpoint_name",
            value=endpoint_name,
            raw="Cannot create already existing endpoint",
            fixes=_free(endpoint_name, "endpoint_name", context.account.endpoint_exists),
        )


def _bad_name(text: str, field: str, what: str) -> Finding:
    valid = re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-")[:63].rstrip("-")
    return err(
        _("%(what)s cannot be %(given)s", what=what, given=repr(text[:70])),
        _("It has 1 to 63 characters: letters, digits and hyphens, with a letter or digit at both ends."),
        field=field,
        value=text[:70],
        raw="Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        fixes=(Fix(_("Call it %(name)s", name=valid), {field: valid}),) if valid else (),
    )


def _free(taken: str, field: str, exists: Callable[[str], bool]) -> tuple[Fix, ...]:
    for ending in "bcdefg":
        candidate = f"{taken[:61].rstrip('-')}-{ending}"
        if not exists(candidate):
            return (Fix(_("Call it %(name)s", name=candidate), {field: candidate}),)
    return ()


@check(
    "account.role",
    gettext_noop("SageMaker may assume the role"),
    needs="account",
    ok=gettext_noop("SageMaker may assume the role"),
)
def role(context: CheckContext) -> Iterator[Finding]:
    """The role is a role's ARN, exists under its path, and trusts sagemaker.amazonaws.com."""
    assert context.account
    arn = context.job.role_arn
    if not arn:
        yield err(
            _("No role is named"),
            _("SageMaker reads the data and writes the model as a role of the account. Choose one."),
            field="role_arn",
        )
        return
    if not ROLE.fullmatch(arn):
        yield err(
            _("%(role)s is no role", role=repr(arn)),
            _("Write its full ARN, with the path: arn:aws:iam::123456789012:role/service-role/Name."),
            field="role_arn",
            value=arn,
            raw="Member must satisfy regular expression pattern: "
            r"^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$",
        )
        return
    trusts = context.account.role_trusts_sagemaker(arn)
    refusal = (
        f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )
    if trusts is None:
        yield err(
            _("There is no role %(role)s", role=arn.rpartition("/")[2]),
            _("Look at the account and the path in %(arn)s.", arn=arn),
            field="role_arn",
            value=arn,
            raw=refusal,
        )
    elif not trusts:
        yield err(
            _("Role %(role)s does not trust SageMaker", role=arn.rpartition("/")[2]),
            _("Add sagemaker.amazonaws.com to the principals of its trust policy, for sts:AssumeRole."),
            field="role_arn",
            value=arn,
            raw=refusal,
        )


@check(
    "account.quota",
    gettext_noop("There is a free slot within the quota"),
    needs="account",
    ok=gettext_noop("There is a free slot"),
)
def quota(context: CheckContext) -> Iterator[Finding]:
    """The account's quota for the instance type leaves room for the job, and for its endpoint if it is deployed."""
    assert context.account
    kind, wanted = context.job.instance_type, context.job.instance_count
    use = context.account.training_instances(kind)
    yield from _slot(kind, wanted, use.limit, use.used, _("training jobs"), "training job usage")
    if context.job.deploy_when_done:
        try:
            hosted = context.account.endpoint_instances(kind)
        except AccountQueryError:
            return
        yield from _slot(kind, 1, hosted.limit, hosted.used, _("endpoints"), "endpoint usage")


def _slot(kind: str, wanted: int, limit: float | None, used: float, what: str, quota_name: str) -> Iterator[Finding]:
    if limit is None or used + wanted <= limit:
        return
    raw = (
        f"The account-level service limit '{kind} for {quota_name}' is {limit:.0f} Instances, with current "
        f"utilization of {used:.0f} Instances and a request delta of {wanted} Instances."
    )
    title = _(
        "The quota for %(type)s in %(what)s is %(limit)s, %(used)s are in use",
        type=kind,
        what=what,
        limit=f"{limit:.0f}",
        used=f"{used:.0f}",
    )
    if limit < wanted:
        yield err(
            title, _("Choose another instance type, or ask AWS for a higher quota."), field="instance_type", raw=raw
        )
    else:
        yield warn(title, _("The job waits until a slot is free, or is refused."), field="instance_type", raw=raw)


@check(
    "account.budget",
    gettext_noop("The money is there"),
    needs="account",
    ok=gettext_noop("The job fits the budget"),
)
def budget(context: CheckContext) -> Iterator[Finding]:
    """The month's budget covers the job at its longest run time, and its cost limit is above 0."""
    assert context.account
    job = context.job
    most = context.account.cost(job.instance_type, job.max_runtime, job.instance_count)
    left = context.account.budget().left
    if left is not None and left <= 0:
        yield err(
            _("The budget of this month is used up"),
            _("Raise the budget, or wait for the next month."),
            field="cost_limit",
        )
    elif left is not None and most > left:
        yield warn(
            _("The job may cost up to $%(most)s, $%(left)s are left", most=f"{most:.2f}", left=f"{left:.2f}"),
            _("It is stopped when its time is over. Allow it less time, or choose a smaller instance."),
            field="max_runtime",
        )
    if job.cost_limit is not None and job.cost_limit <= 0:
        yield err(
            _("The cost limit cannot be $%(limit)s", limit=f"{job.cost_limit:g}"),
            _("Enter an amount above 0, or leave it out."),
            field="cost_limit",
        )
