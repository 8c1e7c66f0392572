"""Access to the data's bucket: its Region, the role's permissions on objects and on their key."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from common.s3_uri import split_s3_uri
from preflight.check_context import CheckContext
from preflight.checks.location.uris import data_uris
from preflight.finding import Finding
from preflight.registry import check, err
from tables.objects import parse_location

FIELD = "data_uri"


@check(
    "location.region",
    gettext_noop("The bucket lies in the job's Region"),
    needs="account",
    ok=gettext_noop("The bucket lies in the job's Region"),
)
def region(context: CheckContext) -> Iterator[Finding]:
    """Every bucket exists in the job's Region."""
    assert context.account
    for bucket in sorted({split_s3_uri(uri).bucket for uri in data_uris(context)}):
        where = context.account.bucket_region(bucket)
        if where is None:
            yield err(
                _("There is no bucket called %(bucket)s", bucket=bucket),
                _("Choose a bucket with Browse S3, or create this one."),
                field=FIELD,
                raw="The specified bucket does not exist",
            )
        elif context.job.region and where != context.job.region:
            yield err(
                _(
                    "Bucket %(bucket)s is in %(where)s, the job in %(region)s",
                    bucket=bucket,
                    where=where,
                    region=context.job.region,
                ),
                _("SageMaker reads only buckets of its own Region. Copy the data, or work in %(where)s.", where=where),
                field=FIELD,
                raw="The bucket you are attempting to access must be addressed using the specified endpoint.",
            )


@check(
    "location.permission",
    gettext_noop("The role may read the data"),
    needs="account",
    ok=gettext_noop("The role may read the data"),
)
def permission(context: CheckContext) -> Iterator[Finding]:
    """The job's role, not the caller, may list and read the data, and decrypt it."""
    assert context.account
    role = context.job.role_arn
    if not role:
        return
    for uri in data_uris(context):
        bucket, key = split_s3_uri(uri)
        arn = f"arn:aws:s3:::{bucket}"
        denied = context.account.denied(role, ("s3:ListBucket",), arn)
        denied += context.account.denied(
            role, ("s3:GetObject",), f"{arn}/{key if not key.endswith('/') else key + '*'}"
        )
        if denied:
            yield err(
                _(
                    "Role %(role)s can't read %(uri)s (%(actions)s)",
                    role=role.rpartition("/")[2],
                    uri=uri,
                    actions=", ".join(denied),
                ),
                _("Grant the role these actions on the bucket and its objects, or choose another role."),
                field="role_arn",
                raw=f"ClientError: Data download failed:Unable to download object {uri} (AccessDenied: Access Denied)",
            )
            continue
        kms = context.account.kms_key(bucket, _first_key(context, uri, key))
        if kms and context.account.denied(role, ("kms:Decrypt",), kms):
            yield err(
                _("Role %(role)s can't decrypt %(uri)s (kms:Decrypt)", role=role.rpartition("/")[2], uri=uri),
                _("The objects are encrypted with %(kms)s. Grant the role kms:Decrypt on that key.", kms=kms),
                field="role_arn",
                raw=f"ClientError: Data download failed:Unable to download object {uri} (AccessDenied: Access Denied)",
            )


def _first_key(context: CheckContext, uri: str, key: str) -> str:
    table = next((table for table in context.raw_tables.values() if table.uri == uri and table.first), None)
    if table and table.first:
        return parse_location(table.first.uri)[1]
    if context.profile and context.profile.files:
        return parse_location(context.profile.files[0]["uri"])[1]
    return key
