"""The objects at the data's address: they are there, can be read, and are those that were inspected."""

from __future__ import annotations

from collections.abc import Iterator

from common.aws_messages import NO_S3_OBJECTS, no_s3_objects
from common.messages import _, gettext_noop
from common.problems import Missing, Unavailable
from preflight.check_context import CheckContext
from preflight.finding import Finding
from preflight.registry import check, err, warn
from tables.objects import AccessDenied, NoData, ObjectChanged

FIELD = "data_uri"


@check(
    "location.data",
    gettext_noop("There is a table at the address"),
    ok=gettext_noop("The data is there and can be read"),
)
def data(context: CheckContext) -> Iterator[Finding]:
    """The address holds data that the reader can list and open."""
    for problem in context.problems:
        if isinstance(problem, Unavailable):
            yield warn(_("The data could not be looked at now"), problem.message, field=FIELD, unknown=True)
        elif isinstance(problem, (Missing, NoData)):
            raw = no_s3_objects(context.job.data_uri, context.job.region, context.job.role_arn)
            denied = isinstance(problem, AccessDenied)
            title = _("The data may not be read") if denied else _("There is no data at this address")
            yield err(title, problem.message, field=FIELD, raw=raw)
    for table in context.raw_tables.values():
        if not table.files:
            yield err(
                _("Nothing lies at %(uri)s", uri=table.uri or "''"),
                _("No object's key starts with this prefix. Choose an object with Browse S3."),
                field=FIELD,
                raw=NO_S3_OBJECTS.format(uri=table.uri),
            )
        elif not table.first:
            yield err(
                _("There is no data in channel %(channel)s", channel=table.channel),
                _("All objects at %(uri)s are empty, hidden or too deep for the container.", uri=table.uri),
                field=FIELD,
                raw=f"No data in {'training' if table.channel == 'train' else table.channel} channel path "
                f"/opt/ml/input/data/{table.channel}",
            )


@check(
    "location.changed",
    gettext_noop("The data is still what was inspected"),
)
def changed(context: CheckContext) -> Iterator[Finding]:
    """The data is the version that was inspected."""
    for problem in context.problems:
        if isinstance(problem, ObjectChanged):
            yield err(
                _("The data has changed since it was inspected"),
                problem.message,
                field=FIELD,
            )
