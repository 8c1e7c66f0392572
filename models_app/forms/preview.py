"""What the Create model page shows of a table: column heads with a fact each, the first rows, and what was checked."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app import formats
from tables import Column, Inspection

MOST_COLUMNS = 40  # more heads than this nobody reads and the page need not carry


@dataclass(frozen=True)
class Head:
    """A column of the preview; `fact` is the one thing worth knowing, `warns` when it is a worry."""

    column: Column
    is_target: bool
    fact: str
    warns: bool


@dataclass(frozen=True)
class Check:
    """A claim about the data: ok, warn or err."""

    level: str
    title: str
    text: str


@dataclass(frozen=True)
class Preview:
    """An inspection as the page shows it, with `target` as the column to predict."""

    found: Inspection
    target: str
    heads: list[Head]
    rows: list[list[tuple[str, Head]]]
    checks: list[Check]

    target_is_known: bool = True

    @property
    def left_out(self) -> int:
        return len(self.found.columns) - len(self.heads)

    @property
    def blocks(self) -> bool:
        """Something in the data keeps it from being learned from."""
        return any(check.level == "err" for check in self.checks)

    @property
    def warnings(self) -> int:
        return sum(check.level == "warn" for check in self.checks)


def preview(found: Inspection, target: str = "") -> Preview:
    """`target` as asked for; when there is no such column, the suggested one."""
    is_known = not target or found.column(target) is not None
    column = found.column(target) or found.column(found.target_suggestion)
    target = column.name if column else ""
    # The target leads, as the design has it, so that it is in sight in a wide table too.
    order = sorted(range(len(found.columns)), key=lambda i: found.columns[i].name != target)[:MOST_COLUMNS]
    heads = [_head(found.columns[i], target, found.rows_seen) for i in order]
    rows = [
        [(row[i] if i < len(row) else "", head) for i, head in zip(order, heads, strict=True)] for row in found.rows
    ]
    return Preview(found, target, heads, rows, _checks(found, column), is_known)


def _head(column: Column, target: str, rows: int) -> Head:
    is_target = column.name == target
    if column.missing:
        share = f"{column.missing / max(rows, 1):.1%}"
        return Head(column, is_target, _("%(share)s missing") % {"share": share}, warns=True)
    if column.min is not None and column.max is not None and column.type != "binary":
        return Head(column, is_target, f"{column.min:.4g}–{column.max:.4g}", warns=False)
    if column.unique == rows > 1:
        return Head(column, is_target, _("100% unique"), warns=False)
    count = ngettext("%(n)d value", "%(n)d values", column.unique) % {"n": column.unique}
    return Head(column, is_target, count, warns=False)


def _checks(found: Inspection, target: Column | None) -> list[Check]:
    """Worries first. A check on a part of the file says so."""
    wrong = [Check("err", column.name, column.problem) for column in found.columns if column.problem]
    worries, passed = [], []
    if not found.complete:
        text = _("%(rows)s rows were read. The checks cover these rows only.") % {"rows": f"{found.rows_seen:,}"}
        worries.append(Check("warn", _("Only the beginning was read"), text))
    gaps = [column for column in found.columns if column.missing]
    for column in gaps[:3]:
        text = ngettext("%(n)s row. Read as missing; no action is needed.",
                        "%(n)s rows. Read as missing; no action is needed.", column.missing)  # fmt: skip
        title = _("Missing values in %(column)s") % {"column": column.name}
        worries.append(Check("warn", title, text % {"n": f"{column.missing:,}"}))
    if len(gaps) > 3:
        more = len(gaps) - 3
        text = ngettext("%(n)d more column has them.", "%(n)d more columns have them.", more) % {"n": more}
        worries.append(Check("warn", _("Missing values elsewhere"), text))
    objects = ngettext("%(n)d object", "%(n)d objects", found.objects) % {"n": found.objects}
    passed.append(Check("ok", _("Location is readable"), f"{objects}, {formats.size(found.size)}"))
    if found.has_header:
        text = _("Columns are matched by name; the header is not used as data.")
        passed.append(Check("ok", _("Header row found"), text))
    else:
        passed.append(Check("ok", _("No header row"), _("Columns are numbered; every row is used as data.")))
    if target:
        passed.append(Check("ok", _("Target can be learned"), _learnable(found, target)))
    for column in found.columns:
        if column.role == "excluded":
            title = _("%(column)s left out") % {"column": column.name}
            passed.append(Check("ok", title, _("It can't help to predict other rows.")))
    return wrong + worries + passed


def _learnable(found: Inspection, target: Column) -> str:
    if found.task == "regression":
        return _("%(column)s is a number.") % {"column": target.name}
    if target.unique and target.top:
        words = {"column": target.name, "n": target.unique, "values": ", ".join(target.top[:4])}
        return _("%(column)s has %(n)d classes, such as %(values)s.") % words
    return found.task_reason or target.name
