"""Draws the rows of a list's table: the box that selects a row, then a cell for each column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.safestring import SafeString

from models_app.web.lists.kind import Column
from models_app.web.markup import conditional_escape, format_html

_ROW = '<tr role="row" id="{}-{}">'
_BOX = (
    '<td role="cell" class="selcol"><input class="check" type="checkbox" name="name" value="{0}" id="select-{0}"'
    ' aria-label="{1}"></td>'
)


def table_rows(
    columns: Sequence[Column], rows: Iterable, prefix: str, select: str = ""
) -> Iterator[tuple[Any, SafeString]]:
    """Each row with its table row, which the template ends. A template takes three times as long.

    Its id is `prefix`, a dash and the name. `select` labels the box, with %s for the name; without it there is none.
    """
    starts = [(format_html('<td role="cell"{}>', _attributes(column)), column.cell) for column in columns]
    for row in rows:
        box = format_html(_BOX, row.name, select.replace("%s", row.name)) if select else ""
        cells = "".join([f"{start}{conditional_escape(cell(row))}</td>" for start, cell in starts])
        yield row, SafeString(f"{format_html(_ROW, prefix, row.name)}{box}\n      {cells}")


def _attributes(column: Column) -> SafeString:
    """Class and, where a row is a card, the label of a cell."""
    cls = format_html(' class="{}"', column.cls) if column.cls else SafeString()
    if column.key in ("name", "status"):
        return cls
    return cls + format_html(' data-l="{}"', column.title)
