"""The location of the data: the address, the bucket, its Region, the role's permission, the objects' keys."""

from __future__ import annotations

from collections.abc import Iterator

from common.aws_messages import NO_S3_OBJECTS, no_s3_objects
from common.messages import _, gettext_noop, ngettext
from common.problems import Missing, Unavailable
from common.s3_uri import is_s3_uri, split_s3_uri
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import MAX_DEPTH
from preflight.registry import check, err, hold_out, warn
from tables.objects import AccessDenied, NoData, ObjectChanged, parse_location

FIELD = "data_uri"
_NO_TABLES = (
    ".pdf",
    ".json",
    ".md",
    ".txt.bak",
    ".ipynb",
    ".py",
    ".xlsx",
    ".xls",
    ".zip",
    ".html",
    ".tmp",
    ".manifest",
    ".yaml",
    ".yml",
    ".log",
    ".png",
    ".jpg",
    ".pkl",
    ".csv.metadata",
)


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


@check(
    "location.region",
    gettext_noop("The bucket lies in the job's Region"),
    needs="account",
    ok=gettext_noop("The bucket lies in the job's Region"),
)
def region(context: CheckContext) -> Iterator[Finding]:
    """Every bucket exists in the job's Region."""
    assert context.account
    for bucket in sorted({split_s3_uri(uri).bucket for uri in _uris(context)}):
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


def _uris(context: CheckContext) -> list[str]:
    uris = [*context.job.channels.values()] or [context.job.data_uri]
    recipe = context.job.recipe
    if recipe.validation == "location" and recipe.validation_uri:
        uris.append(recipe.validation_uri)
    return [uri for uri in uris if is_s3_uri(uri)]


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
    for uri in _uris(context):
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


@check(
    "location.slashes",
    gettext_noop("No object's key holds //"),
    ok=gettext_noop("SageMaker can copy every object's key"),
)
def slashes(context: CheckContext) -> Iterator[Finding]:
    """No key holds //, which SageMaker refuses to download."""
    keys = [file.uri for table in context.raw_tables.values() for file in table.files]
    if context.profile:
        keys += [file["uri"] for file in context.profile.files]
    keys = keys or _uris(context)
    bad = [key for key in keys if "//" in split_s3_uri(key).key]
    if bad:
        raw = f"Data download failed:Failed to download data. S3 key: {bad[0]} has an illegal char sub-sequence '//'"
        text = _("SageMaker refuses to copy %(key)s. Give the object another key.", key=bad[0])
        title = ngettext("%(n)s key holds //", "%(n)s keys hold //", len(bad))
        # A prepared table is written under a key of its own, so there the old key does no harm.
        yield (err if context.is_raw else warn)(title, text, field=FIELD, file=bad[0], raw=raw)


@check(
    "location.hidden",
    gettext_noop("No hidden file lies in a channel"),
    mode="raw",
    needs="raw",
    only=lambda algorithm: algorithm.container.refuses_hidden_files,
    ok=gettext_noop("There is no hidden file"),
)
def hidden(context: CheckContext) -> Iterator[Finding]:
    """No hidden file lies in a channel, where the container refuses one."""
    for table in context.raw_tables.values():
        bad = [file for file in table.files if file.name.startswith(".")]
        if bad:
            yield err(
                ngettext(
                    "%(n)s hidden file lies in channel %(channel)s",
                    "%(n)s hidden files lie in channel %(channel)s",
                    len(bad),
                    channel=table.channel,
                ),
                _("The container refuses a folder with %(name)s in it. Delete the object.", name=bad[0].name),
                field=FIELD,
                file=bad[0].uri,
                raw="Hidden file found in the data path! Remove that before training.",
            )


@check(
    "location.stray",
    gettext_noop("Only tables lie under the prefix"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Only tables lie under the prefix"),
)
def stray(context: CheckContext) -> Iterator[Finding]:
    """No object that is not a table lies under the prefix."""
    for table in context.raw_tables.values():
        data = [file for file in table.files if file.is_data]
        bad = [file for file in data if file.name.lower().endswith(_NO_TABLES)]
        others = [file for file in data if not _below(table.uri, file.uri)]
        if bad and len(bad) < len(data):
            yield err(
                ngettext(
                    "%(n)s object under the prefix is no table",
                    "%(n)s objects under the prefix are no tables",
                    len(bad),
                ),
                _(
                    "The container reads %(name)s as data. Move it elsewhere, or choose a narrower prefix.",
                    name=bad[0].name,
                ),
                field=FIELD,
                file=bad[0].uri,
            )
        elif others and len(data) > 1:
            yield warn(
                ngettext(
                    "The prefix also means %(n)s other object", "The prefix also means %(n)s other objects", len(others)
                ),
                _(
                    "SageMaker copies every key that starts with %(uri)s, so %(name)s too.",
                    uri=table.uri,
                    name=others[0].name,
                ),
                field=FIELD,
                file=others[0].uri,
            )


def _below(uri: str, file: str) -> bool:
    return file == uri or file.startswith(uri if uri.endswith("/") else f"{uri}/")


@check(
    "location.depth",
    gettext_noop("No file lies deeper than the container looks"),
    mode="raw",
    needs="raw",
    only=lambda algorithm: algorithm.container.limits_depth,
    ok=gettext_noop("No file lies too deep"),
)
def depth(context: CheckContext) -> Iterator[Finding]:
    """No file lies deeper than the container looks."""
    for table in context.raw_tables.values():
        deep = [file for file in table.files if file.depth > MAX_DEPTH and file.size and file.name]
        if deep:
            yield err(
                ngettext(
                    "%(n)s file lies too deep and would not be read",
                    "%(n)s files lie too deep and would not be read",
                    len(deep),
                ),
                _(
                    "The container looks three folders deep; %(name)s lies in the %(depth)sth. Move the files up.",
                    name=deep[0].name,
                    depth=deep[0].depth,
                ),
                field=FIELD,
                file=deep[0].uri,
                raw="Folder depth exceed the limit: 3.",
                silent=True,
            )


@check(
    "location.empty",
    gettext_noop("No object is empty"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("No object is empty"),
)
def empty(context: CheckContext) -> Iterator[Finding]:
    """No object is empty."""
    for table in context.raw_tables.values():
        bad = [file for file in table.files if not file.size and file.name and not file.name.startswith(("_", "."))]
        if bad and table.first:
            yield warn(
                ngettext("%(n)s object is empty", "%(n)s objects are empty", len(bad)),
                _("%(name)s holds nothing, so nothing is learned from it.", name=bad[0].name),
                field=FIELD,
                file=bad[0].uri,
            )


@check(
    "location.validation",
    gettext_noop("Validation data is other data"),
    ok=gettext_noop("Validation data is other data than training data"),
)
def validation(context: CheckContext) -> Iterator[Finding]:
    """Validation data exists, and is not part of the training data."""
    recipe, field = context.job.recipe, "recipe.validation_uri"
    other = (
        recipe.validation_uri
        if recipe.validation == "location" and not context.is_raw
        else context.job.channels.get("validation", "")
    )
    if not context.is_raw and recipe.validation == "location" and not other:
        yield err(
            _("The validation data has no address"),
            _("Choose the second location, or hold out a share of the rows."),
            field=field,
            fixes=(hold_out(),),
        )
    train = context.job.channels.get("train") or context.job.data_uri
    if other and train and (other.rstrip("/") == train.rstrip("/")):
        yield err(
            _("Training and validation are the same data"),
            _("A model judged on what it learned looks better than it is. Choose other data, or hold out a share."),
            field=field,
            fixes=(
                Fix(_("Train without validation data"), {"channels": {"validation": None}})
                if context.is_raw
                else hold_out(),
            ),
            silent=True,
        )
    elif other and train and (_below(train, other) or _below(other, train)):
        yield err(
            _("One location lies inside the other"),
            _(
                "%(other)s and %(train)s overlap, so rows are learned and judged at once. Use two separate prefixes.",
                other=other,
                train=train,
            ),
            field=field,
            silent=True,
        )
    if not context.is_raw and recipe.validation == "time" and context.columns:
        names = [column.name for column in context.columns]
        if recipe.time_column not in names:
            yield err(
                _("There is no time column %(name)s", name=repr(recipe.time_column)),
                _("Choose the column that says when a row happened: one of %(names)s.", names=", ".join(names[:8])),
                field="recipe.time_column",
            )
