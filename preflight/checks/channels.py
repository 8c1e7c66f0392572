"""The channels of a raw request: names, content types, input mode and compression."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_reader import KINDS
from preflight.raw_table import CSV, LIBSVM, RawTable
from preflight.registry import check, err, let_prepare

FIELD = "data_uri"


@check(
    "channels.channel",
    gettext_noop("The channels are called as the container wants"),
    mode="raw",
    ok=gettext_noop("The channels have the names that the container wants"),
)
def channel(context: CheckContext) -> Iterator[Finding]:
    """The request names the channels that the container requires, and no others."""
    channels = context.job.channels
    if not channels:
        return
    known = {spec.name for spec in context.algorithm.channels}
    for spec in context.algorithm.channels:
        if spec.required and spec.name not in channels:
            yield err(
                _("There is no channel called %(name)s", name=spec.name),
                _(
                    "The request names %(names)s. Rename the channel to %(name)s.",
                    names=", ".join(channels),
                    name=spec.name,
                ),
                field="channels",
                raw=f"Missing required channel: {spec.name}",
                fixes=(_rename(context, next(iter(channels)), spec.name),),
            )
            return
    for name in channels:
        if name not in known:
            yield err(
                _("%(title)s has no channel called %(name)s", title=context.algorithm.title, name=name),
                _("It takes %(names)s. Leave the channel out.", names=", ".join(sorted(known))),
                field="channels",
                raw=f"Extraneous channel found: {name}",
                fixes=(Fix(_("Leave out %(name)s", name=name), {"channels": {name: None}}),),
            )


@check(
    "channels.content_type",
    gettext_noop("The content type is one the container takes, and what the file is"),
    mode="raw",
    ok=gettext_noop("The content type fits the data"),
)
def content_type(context: CheckContext) -> Iterator[Finding]:
    """The container accepts each channel's content type, and the bytes are of that type."""
    names = [
        n
        for n in (context.job.channels or {context.algorithm.data.train: ""})
        if n in (context.algorithm.data.train, context.algorithm.data.validation)
    ]
    for name in names:
        declared, raw = (
            context.job.content_type(name, context.algorithm.data.content_type),
            context.raw_tables.get(name),
        )
        yield from _accepted(context, name, declared)
        if (
            raw
            and raw.apparent_kind
            and KINDS.get(declared.lower()) in (CSV, LIBSVM)
            and raw.apparent_kind != KINDS[declared.lower()]
        ):
            yield from _mistaken(context, raw, declared)


def _rename(context: CheckContext, was: str, name: str) -> Fix:
    changes: dict = {"channels": {name: context.job.channels[was], was: None}}
    if was in context.job.content_types:
        changes["content_types"] = {name: context.job.content_types[was], was: None}
    return Fix(_("Rename it to %(name)s", name=name), changes)


def _accepted(context: CheckContext, name: str, declared: str) -> Iterator[Finding]:
    refused_by = context.algorithm.container.content_type_refusal
    if refused_by is None:
        taken = next((spec.content_types for spec in context.algorithm.channels if spec.name == name), ())
        if declared and taken and declared.replace(" ", "") not in [t.replace(" ", "") for t in taken]:
            yield err(
                _("%(title)s does not take %(type)s", title=context.algorithm.title, type=declared),
                _("Channel %(name)s takes %(types)s.", name=name, types=", ".join(taken)),
                field="content_type",
                raw=f"No iterator has been registered for ContentType ({declared})",
                fixes=(Fix(_("Use %(type)s", type=taken[0]), {"content_types": {name: taken[0]}}),),
            )
    elif refusal := refused_by(name, declared, context.image):
        yield err(
            _("Content type %(type)s is refused", type=repr(declared)),
            refusal.reason,
            field="content_type",
            raw=refusal.message,
            fixes=(Fix(_("Use text/csv"), {"content_types": {name: "text/csv"}}),),
        )


def _mistaken(context: CheckContext, raw: RawTable, declared: str) -> Iterator[Finding]:
    line = raw.first.first_line[:50] if raw.first else ""
    if raw.apparent_kind == CSV:
        text = (
            f"First line '{line}...' of file '{raw.first.name if raw.first else ''}' is not 'LIBSVM' format. "
            "Please ensure the file is in 'LIBSVM' format."
        )
        if context.image.refused_letters:
            text = f"Blankspace and colon not found in firstline '{line}...'. ContentType by defaullt is in libsvm."
        yield err(
            _("The file is CSV but would be read as LibSVM"),
            _("The channel says nothing of its content type, which means LibSVM.")
            if not declared
            else _("The channel's content type is %(type)s.", type=declared),
            field="content_type",
            file=raw.first_uri,
            raw=text,
            fixes=(Fix(_("Read as CSV"), {"content_types": {raw.channel: "text/csv"}}),),
        )
    elif raw.fault("undelimited") or "," not in line:
        yield err(
            _("The file is LibSVM but would be read as CSV"),
            _("Its first line is %(line)s. The content type %(type)s does not fit.", line=repr(line), type=declared),
            field="content_type",
            file=raw.first_uri,
            raw=f"First line of data file '{line}...' is not 'CSV' format. Please ensure the file is in 'CSV' format.",
            fixes=_as_libsvm(context, raw.channel),
        )


def _as_libsvm(context: CheckContext, channel: str) -> tuple[Fix, ...]:
    """Read the channel as LibSVM, by another algorithm where this one does not take it."""
    changes: dict = {"content_types": {channel: "text/libsvm"}}
    if not any(_accepted(context, channel, "text/libsvm")):
        return (Fix(_("Read as LibSVM"), changes),)
    other = algorithms.get(algorithms.DEFAULT)
    if other.name == context.algorithm.name:
        return ()
    return (Fix(_("Use %(title)s", title=other.title), changes | {"algorithm": other.name}),)


@check(
    "channels.input_mode",
    gettext_noop("The input mode is one the container takes"),
    mode="raw",
    only=lambda algorithm: algorithm.container.pipe_formats is not None,
    ok=gettext_noop("The container takes the data this way"),
)
def input_mode(context: CheckContext) -> Iterator[Finding]:
    """The container takes the data in this TrainingInputMode."""
    mode = context.job.input_mode
    if mode == "File":
        return
    kinds = {KINDS.get(t.lower(), CSV) for t in context.job.content_types.values()} or {LIBSVM}
    if mode == "Pipe" and kinds <= set(context.algorithm.container.pipe_formats or ()):
        return
    raw = f"Channel configuration for 'train' channel is not supported: {{'TrainingInputMode': '{mode}'}}"
    if mode == "Pipe" and CSV in kinds:
        raw = "Pipe mode for CSV is no longer supported. Please use Fast File mode (default) instead."
    yield err(
        _("Input mode %(mode)s is refused", mode=mode),
        _("The container takes %(kinds)s in File mode only.", kinds=", ".join(sorted(kinds))),
        field="input_mode",
        raw=raw,
        fixes=(Fix(_("Use File mode"), {"input_mode": "File"}),),
    )


@check(
    "channels.packed",
    gettext_noop("A packed file is declared as packed"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("The packing of the files is declared"),
)
def packed(context: CheckContext) -> Iterator[Finding]:
    """CompressionType says whether the files are gzip."""
    for raw in context.raw_tables.values():
        declared = context.job.compression.get(raw.channel, "") == "Gzip"
        if raw.compression and not declared:
            yield err(
                _("The file is packed with gzip, and the request does not say so"),
                _("The container reads packed bytes as text. Set CompressionType to Gzip, or unpack the file."),
                field=FIELD,
                file=raw.first_uri,
                raw="Could not determine delimiter on line" if raw.kind == CSV else "sign == true (0 vs. 1)",
                fixes=(Fix(_("Declare gzip"), {"compression": {raw.channel: "Gzip"}}), let_prepare()),
            )
        elif declared and not raw.compression and raw.first:
            yield err(
                _("The request says gzip, but the file is not packed"),
                _("SageMaker would fail to unpack %(name)s. Set CompressionType to None.", name=raw.first.name),
                field=FIELD,
                file=raw.first.uri,
                fixes=(Fix(_("Declare no compression"), {"compression": {raw.channel: None}}),),
            )
