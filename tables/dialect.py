"""How the text of a table is cut into rows and cells, and its translation to plain CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from common.messages import _
from common.problems import Problem
from tables.limits import MAX_CELL
from tables.objects import LOCATION

BLANKS = "blanks"  # the delimiter of cells with any number of blanks or tabs between them
FIXED = "fixed"  # the delimiter of cells that begin at the same character of every line
QUOTING = ("double", "blank", "backslash", "single", "none")
_INSIDE = "\x1f"  # stands for a delimiter of several characters while Python's csv reads
_ESCAPED = re.compile(r'\\([\\"])')


@dataclass(frozen=True)
class Dialect:
    r"""How one text table is written.

    `delimiter` is one or more characters, BLANKS or FIXED; `starts` are then the positions where cells begin.
    `quoting` is how cells that hold the delimiter are written: double (RFC 4180), blank (the same with
    blanks before the quote), backslash ("a \"b\""), single ('a') or none (a quote is a character like any other).
    `lead` rows stand above the `header_rows` rows of column names; blank ones are not counted.
    """

    delimiter: str = ","
    quoting: str = "double"
    lead: int = 0
    header_rows: int = 0
    starts: tuple[int, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True if Arrow's CSV parser reads the text as it is, so that `translate` changes nothing."""
        return self.quoting == "double" and len(self.delimiter) == 1 and self.delimiter.isascii()

    @property
    def translated(self) -> Dialect:
        """The dialect of the text after `translate`."""
        return self if self.is_plain else replace(PLAIN, lead=self.lead, header_rows=self.header_rows)

    @property
    def quote(self) -> str:
        """The character around cells that hold the delimiter; "" for none."""
        if self.quoting == "none" or self.delimiter == FIXED:
            return ""
        return "'" if self.quoting == "single" else '"'

    @property
    def edges(self) -> str:
        """Characters beside which a quote begins or ends a cell."""
        delimiter = " \t" if self.delimiter == BLANKS else self.delimiter
        return f"{delimiter} " if self.quoting == "blank" else delimiter

    @property
    def escapes(self) -> bool:
        """True if a backslash makes the next quote a character like any other."""
        return self.quoting == "backslash"

    def translate(self, text: bytes, uri: str) -> bytes:
        """Whole rows in UTF-8 as plain CSV with commas, line for line. Bytes that do not decode stay as they are.

        Raises Problem for a cell of more than MAX_CELL characters.
        """
        if self.is_plain:
            return text
        out = io.StringIO(newline="")
        rows = self.rows(text.decode("utf-8", "surrogateescape"), uri)
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().encode("utf-8", "surrogateescape")

    def rows(self, text: str, uri: str = "") -> Iterator[list[str]]:
        """The rows of `text`, [] for a blank line. Raises Problem for a cell of more than MAX_CELL characters."""
        try:
            yield from self._rows(text)
        except csv.Error as e:
            raise Problem(
                _(
                    "%(where)s has a cell of more than %(limit)s characters among its first rows (%(why)s). Check its "
                    "delimiter and quotes, or leave the column out of the file.",
                    where=uri,
                    limit=f"{MAX_CELL:,}",
                    why=e,
                ),
                LOCATION,
            ) from e

    def _rows(self, text: str) -> Iterator[list[str]]:
        if self.delimiter == FIXED:
            spans = list(zip(self.starts, [*self.starts[1:], None], strict=True))
            for line in io.StringIO(text):
                yield [line[start:end].strip() for start, end in spans] if line.strip() else []
            return
        if self.escapes:
            text = _ESCAPED.sub(lambda match: '""' if match[1] == '"' else "\\", text)
        lines: Iterator[str] = io.StringIO(text, newline="")
        how: dict[str, Any] = {"quotechar": self.quote} if self.quote else {"quoting": csv.QUOTE_NONE}
        if self.delimiter == BLANKS:
            lines = (line.strip(" \t\r\n").replace("\t", " ") + "\n" for line in lines)
            yield from csv.reader(lines, delimiter=" ", skipinitialspace=True, **how)
        elif len(self.delimiter) == 1:
            yield from csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.quoting == "blank", **how)
        else:
            lines = io.StringIO(text.replace(self.delimiter, _INSIDE), newline="")
            for row in csv.reader(lines, delimiter=_INSIDE, **how):
                yield [cell.replace(_INSIDE, self.delimiter) for cell in row]


PLAIN = Dialect()
LINES = Dialect("\x02", "none")  # every line is one cell
