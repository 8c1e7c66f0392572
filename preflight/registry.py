"""The registry of checks. A check is a function from a CheckContext to findings, registered by a decorator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from algorithms.spec import Algorithm
from common.messages import _, gettext_noop, ngettext
from common.panics import panics_as_errors
from common.problems import Problem
from preflight.account import AccountQueryError
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.preparation_notes import preparation_note
from tables.failures import failure_text
from tables.profile import Cell

Only = Callable[[Algorithm], bool]
Run = Callable[[CheckContext], Iterator[Finding]]
NEEDS = ("", "table", "inspection", "raw", "account")
MODES = ("both", "prepared", "raw")
log = logging.getLogger(__name__)
OF_DATA = ("location", "channels", "format", "target")  # groups that say nothing of data that could not be read


def _any_algorithm(algorithm: Algorithm) -> bool:
    return True


def is_lenient(algorithm: Algorithm) -> bool:
    """True if the algorithm's container trains on cells that are no numbers, instead of stopping there."""
    return algorithm.container.lenient


def has_versions(algorithm: Algorithm) -> bool:
    """True if AWS has several images of the algorithm that behave differently."""
    return bool(algorithm.container.tags)


@dataclass(frozen=True)
class Check:
    """One check. `title` is the claim it tests; `ok` is its text when the claim holds, "" for no finding then.

    `mode` says for which jobs it applies (MODES), `needs` what must be known of the data (NEEDS), `only` for which
    algorithms.
    """

    id: str
    title: str
    run: Run
    mode: str = "both"
    needs: str = ""
    only: Only = _any_algorithm
    ok: str = ""

    @property
    def group(self) -> str:
        """The part of the id before the dot: the name of the module or package that has the check."""
        return self.id.partition(".")[0]

    def applies(self, context: CheckContext) -> bool:
        """Return True if the check can say anything about the job, given what is known."""
        if self.mode == ("prepared" if context.is_raw else "raw"):
            return False
        if not self.only(context.algorithm):
            return False
        is_inspected = bool(context.inspection or context.profile)
        return {
            "": True,
            "table": bool(context.raw_tables) if context.is_raw else is_inspected,
            "inspection": is_inspected,
            "raw": bool(context.raw_tables),
            "account": context.account is not None,
        }[self.needs]

    def findings(self, context: CheckContext) -> list[Finding]:
        """Return the check's objections, else one `ok`.

        A query that the account does not answer is a warning, as is a check that fails by itself. A Problem passes.
        """
        try:
            with panics_as_errors():
                objections = [
                    replace(finding, id=self.id, fixes=tuple(fix for fix in finding.fixes if _is_useful(context, fix)))
                    for finding in self.run(context)
                ]
        except AccountQueryError as e:
            return [self._undecided(str(e))]
        except Problem:
            raise
        except Exception as e:
            log.exception("check %s failed on %s", self.id, context.job.data_uri)
            return [
                self._undecided(
                    _(
                        "The check itself failed on %(uri)s (%(why)s). The program's log has the details. Look at the "
                        "table for what the other checks say, or save it again as plain CSV or Parquet.",
                        uri=context.job.data_uri,
                        why=failure_text(e),
                    )
                )
            ]
        if objections or not self.ok or (self.group in OF_DATA and context.is_unreadable):
            return objections
        if text := preparation_note(self.id, context):
            return [Finding(self.id, "ok", _(self.ok), text, handled=True)]
        text = rows_read(context) if self.needs in ("table", "inspection", "raw") else ""
        return [Finding(self.id, "ok", _(self.ok), text)]

    def _undecided(self, text: str) -> Finding:
        return Finding(self.id, "warn", _("%(check)s: could not tell", check=_(self.title)), text, unknown=True)


def _is_useful(context: CheckContext, fix: Fix) -> bool:
    """False for a fix that leaves out no feature, or all: the only fix of that would take everything back."""
    left_out = fix.changes.get("recipe.excluded")
    if not isinstance(left_out, list) or context.is_raw:
        return True
    return 0 < sum(column.name in left_out for column in context.features) < len(context.features)


CHECKS: list[Check] = []


def check(id: str, title: str, *, mode: str = "both", needs: str = "", only: Only = _any_algorithm, ok: str = ""):
    """Register the decorated function as a check. Mark `title` and `ok` with gettext_noop."""

    def register(run: Run) -> Run:
        CHECKS.append(Check(id, title, run, mode, needs, only, ok))
        return run

    return register


def rows_read(context: CheckContext) -> str:
    """Return a sentence on how much of the table a statement covers."""
    if context.complete:
        return ngettext("The one row was read.", "All %(n)s rows were read.", context.rows)
    return ngettext(
        "Only the first row was read, not the whole table.",
        "The first %(n)s rows were read, not the whole table.",
        context.rows,
    )


def err(title: str, text: str, at: Cell | None = None, **more: Any) -> Finding:
    """Return a finding that the job fails or trains on wrong data.

    `at` is the cell that shows it; `more` are fields of Finding.
    """
    return Finding("", "err", title, text, **_location(at) | more)


def warn(title: str, text: str, at: Cell | None = None, **more: Any) -> Finding:
    """Return a finding that the model may mislead. `at` is the cell that shows it; `more` are fields of Finding."""
    return Finding("", "warn", title, text, **_location(at) | more)


def _location(cell: Cell | None) -> dict[str, Any]:
    return {"file": cell.file, "row": cell.row, "line": cell.line, "value": cell.value} if cell else {}


def let_prepare() -> Fix:
    """Return the fix that has the console prepare the table."""
    return Fix(_("Let the console prepare the table"), {"recipe.prepare": True})


def hold_out() -> Fix:
    """Return the fix that holds out a share of the rows for validation."""
    return Fix(_("Hold out a fifth of the rows"), {"recipe.validation": "share", "recipe.validation_share": 0.2})


def leave_out(column: str) -> Fix:
    """Return the fix that leaves a column out of the features."""
    return Fix(_("Leave out %(column)s", column=column), {"recipe.excluded": [column]})


def newest_image(context: CheckContext) -> Fix:
    """Return the fix that uses the algorithm's newest image."""
    tag = context.algorithm.container.tags[-1]
    return Fix(_("Use version %(tag)s", tag=tag), {"image_tag": tag})


__all__ = [
    "CHECKS", "Check", "check", "err", "gettext_noop", "has_versions", "hold_out", "is_lenient", "leave_out",
    "let_prepare", "newest_image", "rows_read", "warn",
]  # fmt: skip
