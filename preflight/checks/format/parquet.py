"""The column types of a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding
from preflight.raw_table import PARQUET
from preflight.registry import check, err, let_prepare

FIELD = "data_uri"


@check(
    "format.parquet",
    gettext_noop("A Parquet file holds numbers only"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Every Parquet column holds numbers"),
)
def parquet(context: CheckContext) -> Iterator[Finding]:
    """A Parquet file holds numeric columns only."""
    for raw in context.raw_tables.values():
        if raw.kind == PARQUET and raw.text_columns:
            yield err(
                ngettext(
                    "%(n)s Parquet column holds no numbers",
                    "%(n)s Parquet columns hold no numbers",
                    len(raw.text_columns),
                ),
                _(
                    "The container cannot make numbers of %(names)s. Let the console prepare the table.",
                    names=", ".join(raw.text_columns[:5]),
                ),
                field=FIELD,
                file=raw.first_uri,
                column=raw.text_columns[0],
                raw="Failed to load parquet data with exception:",
                fixes=(let_prepare(),),
            )
