"""Markdown for generated pages."""

from collections.abc import Iterable, Sequence

NOTE = "Written by `python3 run manage reference` from the code; do not edit.\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a blank line before it. Cells are Markdown on one line; bars in them are escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n" + "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def code(text: object) -> str:
    """`text` as inline code, "" when there is none."""
    return f"`{text}`" if str(text) else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
