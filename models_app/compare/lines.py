"""What a comparison shows: sections of lines, each with a cell for every member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MISSING = "-"
Words = Callable[[float], object]


@dataclass(frozen=True)
class Cell:
    """One member's text on a line. `change` is from the baseline, `share` its size (-1 to 1) beside the largest.

    `tone` is up or down where it is better or worse beyond chance; `note` says more to who points at it.
    """

    text: str = MISSING
    change: str = ""
    share: float = 0.0
    tone: str = ""
    note: str = ""
    is_best: bool = False
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """One property of all members. `is_code` for names that programs use; a line of metrics has its `key`.

    `matters` is False where a difference says nothing: the defaults of what some algorithms have and others have not.
    """

    name: str
    cells: Sequence[Cell]
    is_code: bool = False
    key: str = ""
    matters: bool = True

    @property
    def differs(self) -> bool:
        """True if not all have the same text, and that matters."""
        return self.matters and len({cell.text for cell in self.cells}) > 1


@dataclass(frozen=True)
class Section:
    """Lines under one title."""

    key: str
    title: str
    lines: Sequence[Line]

    @property
    def same(self) -> int:
        """How many lines are the same for all."""
        return sum(not line.differs for line in self.lines)

    @property
    def differing(self) -> list[Line]:
        """The lines on which members differ."""
        return [line for line in self.lines if line.differs]


def texts_line(name: str, texts: Sequence[str], base: int, is_code: bool = False, matters: bool = True) -> Line:
    """A line of plain texts; those that are not the baseline's are marked as changed."""
    words = [text or MISSING for text in texts]
    return Line(name, [Cell(text, is_changed=text != words[base]) for text in words], is_code, matters=matters)


def amounts_line(name: str, values: Sequence[float | None], words: Words, base: int) -> Line:
    """A line of amounts of which less is better, such as seconds; `words` writes one."""
    known = [value for value in values if value is not None]
    lowest, of_base = min(known, default=None), values[base]
    changes = [None if value is None or of_base is None else value - of_base for value in values]
    largest = max((abs(change) for change in changes if change is not None), default=0.0) or 1.0
    cells = []
    for value, change in zip(values, changes, strict=True):
        if value is None or change is None or of_base is None or words(value) == words(of_base):
            change = 0.0
        text = str(words(value)) if value is not None else MISSING
        is_best = value is not None and value == lowest and lowest < max(known)
        difference = f"{'-' if change < 0 else '+'}{words(abs(change))}" if change else ""
        tone = "" if not change else "up" if change < 0 else "down"
        cells.append(Cell(text, difference, change / largest, tone, is_best=is_best, is_changed=bool(change)))
    return Line(name, cells)
