"""Where the data lies: the address, the bucket, its Region, the role's permission, the names of the objects."""

from __future__ import annotations

from collections.abc import Iterator

from common.aws_messages import NO_S3_OBJECTS, no_s3_objects
from common.messages import _, gettext_noop, ngettext
from common.problems import Missing, Unavailable
from common.s3_uri import is_s3_uri, split_s3_uri
from preflight.ask import Ask
from preflight.finding import Finding, Fix
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
    "location.found",
    gettext_noop("There is a table at the address"),
    ok=gettext_noop("The data is there and can be read"),
)
def found(ask: Ask) -> Iterator[Finding]:
    for problem in ask.problems:
        if isinstance(problem, Unavailable):
            yield warn(_("The data could not be looked at now"), problem.message, field=FIELD, unknown=True)
        elif isinstance(problem, (Missing, NoData)):
            raw = no_s3_objects(ask.job.data_uri, ask.job.region, ask.job.role_arn)
            denied = isinstance(problem, AccessDenied)
            title = _("The data may not be read") if denied else _("There is no data at this address")
            yield err(title, problem.message, field=FIELD, raw=raw)
    for table in ask.raw.values():
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
def changed(ask: Ask) -> Iterator[Finding]:
    for problem in ask.problems:
        if isinstance(problem, ObjectChanged):
            yield err(
                _("The data has changed since it was inspected"),
                problem.message,
                field=FIELD,
            )


@check(
    "location.region",
    gettext_noop("The bucket lies in the job's Region"),
    needs="world",
    ok=gettext_noop("The bucket lies in the job's Region"),
)
def region(ask: Ask) -> Iterator[Finding]:
    assert ask.world
    for bucket in sorted({split_s3_uri(uri).bucket for uri in _uris(ask)}):
        where = ask.world.bucket_region(bucket)
        if where is None:
            yield err(
                _("There is no bucket called %(bucket)s", bucket=bucket),
                _("Choose a bucket with Browse S3, or create this one."),
                field=FIELD,
                raw="The specified bucket does not exist",
            )
        elif ask.job.region and where != ask.job.region:
            yield err(
                _(
                    "Bucket %(bucket)s is in %(where)s, the job in %(region)s",
                    bucket=bucket,
                    where=where,
                    region=ask.job.region,
                ),
                _("SageMaker reads only buckets of its own Region. Copy the data, or work in %(where)s.", where=where),
                field=FIELD,
                raw="The bucket you are attempting to access must be addressed using the specified endpoint.",
            )


def _uris(ask: Ask) -> list[str]:
    uris = [*ask.job.channels.values()] or [ask.job.data_uri]
    recipe = ask.job.recipe
    if recipe.validation == "location" and recipe.validation_uri:
        uris.append(recipe.validation_uri)
    return [uri for uri in uris if is_s3_uri(uri)]


@check(
    "location.permission",
    gettext_noop("The role may read the data"),
    needs="world",
    ok=gettext_noop("The role may read the data"),
)
def permission(ask: Ask) -> Iterator[Finding]:
    """Asks for the job's role, not for whoever sits at the console: it is the role that SageMaker reads with."""
    assert ask.world
    role = ask.job.role_arn
    if not role:
        return
    for uri in _uris(ask):
        bucket, key = split_s3_uri(uri)
        arn = f"arn:aws:s3:::{bucket}"
        denied = ask.world.denied(role, ("s3:ListBucket",), arn)
        denied += ask.world.denied(role, ("s3:GetObject",), f"{arn}/{key if not key.endswith('/') else key + '*'}")
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
        kms = ask.world.key_of(bucket, _first_key(ask, uri, key))
        if kms and ask.world.denied(role, ("kms:Decrypt",), kms):
            yield err(
                _("Role %(role)s can't decrypt %(uri)s (kms:Decrypt)", role=role.rpartition("/")[2], uri=uri),
                _("The objects are encrypted with %(kms)s. Grant the role kms:Decrypt on that key.", kms=kms),
                field="role_arn",
                raw=f"ClientError: Data download failed:Unable to download object {uri} (AccessDenied: Access Denied)",
            )


def _first_key(ask: Ask, uri: str, key: str) -> str:
    table = next((table for table in ask.raw.values() if table.uri == uri and table.first), None)
    if table and table.first:
        return parse_location(table.first.uri)[1]
    if ask.profile and ask.profile.files:
        return parse_location(ask.profile.files[0]["uri"])[1]
    return key


@check(
    "location.slashes",
    gettext_noop("No object's key holds //"),
    ok=gettext_noop("SageMaker can copy every object's key"),
)
def slashes(ask: Ask) -> Iterator[Finding]:
    keys = [file.uri for table in ask.raw.values() for file in table.files]
    if ask.profile:
        keys += [file["uri"] for file in ask.profile.files]
    keys = keys or _uris(ask)
    bad = [key for key in keys if "//" in split_s3_uri(key).key]
    if bad:
        raw = f"Data download failed:Failed to download data. S3 key: {bad[0]} has an illegal char sub-sequence '//'"
        text = _("SageMaker refuses to copy %(key)s. Give the object another key.", key=bad[0])
        title = ngettext("%(n)s key holds //", "%(n)s keys hold //", len(bad))
        # A prepared table is written under a key of its own, so there the old key does no harm.
        yield (err if ask.is_raw else warn)(title, text, field=FIELD, file=bad[0], raw=raw)


@check(
    "location.hidden",
    gettext_noop("No hidden file lies in a channel"),
    mode="raw",
    needs="raw",
    algorithms=("xgboost",),
    ok=gettext_noop("There is no hidden file"),
)
def hidden(ask: Ask) -> Iterator[Finding]:
    for table in ask.raw.values():
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
def stray(ask: Ask) -> Iterator[Finding]:
    for table in ask.raw.values():
        data = [file for file in table.files if file.is_data]
        bad = [file for file in data if file.name.lower().endswith(_NO_TABLES)]
        beside = [file for file in data if not _below(table.uri, file.uri)]
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
        elif beside and len(data) > 1:
            yield warn(
                ngettext(
                    "The prefix also means %(n)s other object", "The prefix also means %(n)s other objects", len(beside)
                ),
                _(
                    "SageMaker copies every key that starts with %(uri)s, so %(name)s too.",
                    uri=table.uri,
                    name=beside[0].name,
                ),
                field=FIELD,
                file=beside[0].uri,
            )


def _below(uri: str, file: str) -> bool:
    return file == uri or file.startswith(uri if uri.endswith("/") else f"{uri}/")


@check(
    "location.depth",
    gettext_noop("No file lies deeper than the container looks"),
    mode="raw",
    needs="raw",
    algorithms=("xgboost",),
    ok=gettext_noop("No file lies too deep"),
)
def depth(ask: Ask) -> Iterator[Finding]:
    for table in ask.raw.values():
        deep = [file for file in table.files if file.depth > 3 and file.size and file.name]
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
def empty(ask: Ask) -> Iterator[Finding]:
    for table in ask.raw.values():
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
def validation(ask: Ask) -> Iterator[Finding]:
    recipe, field = ask.job.recipe, "recipe.validation_uri"
    other = (
        recipe.validation_uri
        if recipe.validation == "location" and not ask.is_raw
        else ask.job.channels.get("validation", "")
    )
    if not ask.is_raw and recipe.validation == "location" and not other:
        yield err(
            _("The validation data has no address"),
            _("Choose the second location, or hold out a share of the rows."),
            field=field,
            fixes=(hold_out(),),
        )
    train = ask.job.channels.get("train") or ask.job.data_uri
    if other and train and (other.rstrip("/") == train.rstrip("/")):
        yield err(
            _("Training and validation are the same data"),
            _("A model judged on what it learned looks better than it is. Choose other data, or hold out a share."),
            field=field,
            fixes=(
                Fix(_("Train without validation data"), {"channels": {"validation": None}})
                if ask.is_raw
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
    if not ask.is_raw and recipe.validation == "time" and ask.columns:
        names = [column.name for column in ask.columns]
        if recipe.time_column not in names:
            yield err(
                _("There is no time column %(name)s", name=repr(recipe.time_column)),
                _("Choose the column that says when a row happened: one of %(names)s.", names=", ".join(names[:8])),
                field="recipe.time_column",
            )
