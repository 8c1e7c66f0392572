"""The features of a LibSVM line."""

from __future__ import annotations

from collections.abc import Iterator

from algorithms.formats.sparse_width import MAX_COLUMNS
from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding
from preflight.raw_table import CSV, LIBSVM, RawTable
from preflight.registry import check, err

FIELD = "data_uri"


@check(
    "format.libsvm",
    gettext_noop("LibSVM lines are well formed"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("The lines are well formed"),
)
def libsvm(context: CheckContext) -> Iterator[Finding]:
    """Every LibSVM feature is index:value with an index of 0 or more, and of less than 2**24."""
    for raw in context.raw_tables.values():
        if raw.kind != LIBSVM or raw.apparent_kind == CSV:
            continue
        yield from _too_wide(raw)
        for kind, title, message in (
            ("negative", _("A feature index is negative"), "Check failed: sign == true (0 vs. 1)"),
            ("pairs", _("A feature is not written as index:value"), "is not 'LIBSVM' format"),
            ("libsvm_value", _("A feature is not written as index:value with numbers"), "Failed to load libsvm data"),
        ):
            fault = raw.fault(kind)
            if fault and fault.first:
                yield err(
                    title,
                    _(
                        "Line %(line)s holds %(value)s. Write index:value, with indices from 0 or 1 upward.",
                        line=fault.first.line,
                        value=repr(fault.first.value),
                    ),
                    field=FIELD,
                    at=fault.first,
                    raw=message,
                    silent=kind != "negative" and fault.first.line != 1,
                )


def _too_wide(raw: RawTable) -> Iterator[Finding]:
    fault = raw.fault("wide")
    if fault and fault.first:
        yield err(
            _("A feature index is too high"),
            _(
                "Line %(line)s holds %(value)s, and the highest index that is read is %(limit)s: a row has as many "
                "columns as the highest index says. Number the features from 0 or 1 without gaps, or hash them into "
                "fewer.",
                line=fault.first.line,
                value=repr(fault.first.value),
                limit=f"{MAX_COLUMNS - 1:,}",
            ),
            field=FIELD,
            at=fault.first,
            raw="has the feature index",
        )
