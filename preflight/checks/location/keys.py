"""The objects below a channel's prefix: their keys, their depth, and which of them are no tables."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from common.s3_uri import split_s3_uri
from preflight.check_context import CheckContext
from preflight.checks.location.uris import data_uris, lies_below
from preflight.finding import Finding
from preflight.raw_table import MAX_DEPTH
from preflight.registry import check, err, warn
from tables.objects import is_stray

FIELD = "data_uri"


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
    keys = keys or data_uris(context)
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
    needs="table",
    ok=gettext_noop("Only tables lie under the prefix"),
)
def stray(context: CheckContext) -> Iterator[Finding]:
    """No object that is not a table lies under the prefix."""
    skipped = context.inspection.skipped if context.inspection and not context.is_raw else ()
    if skipped:
        yield warn(
            ngettext(
                "%(n)s object under the prefix is no table and is not read",
                "%(n)s objects under the prefix are no tables and are not read",
                len(skipped),
            ),
            _("It is %(names)s. Choose one object by its own address if it is a table.", names=", ".join(skipped[:3])),
            field=FIELD,
        )
    for table in context.raw_tables.values():
        data = [file for file in table.files if file.is_data]
        bad = [file for file in data if is_stray(file.name)]
        others = [file for file in data if not lies_below(table.uri, file.uri)]
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
