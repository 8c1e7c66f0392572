"""The list of checks. A check is a function that is asked and yields findings; one decorator puts it on the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from common.messages import _, gettext_noop, ngettext
from preflight.ask import Ask
from preflight.finding import Finding, Fix
from preflight.handled import handled
from preflight.world import CannotTell

Run = Callable[[Ask], Iterator[Finding]]
NEEDS = ("", "table", "found", "raw", "world")
MODES = ("both", "prepared", "raw")
OF_DATA = ("location", "channels", "reading", "target")  # families that cannot claim anything of data nobody could read


@dataclass(frozen=True)
class Check:
    """One check: what it is about, when it applies, what it says when all is well ("" says nothing)."""

    id: str
    title: str
    run: Run
    mode: str = "both"
    needs: str = ""
    algorithms: tuple[str, ...] = ()  # () is all
    ok: str = ""

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]

    def applies(self, ask: Ask) -> bool:
        if self.mode == ("prepared" if ask.is_raw else "raw"):
            return False
        if self.algorithms and ask.job.algorithm not in self.algorithms:
            return False
        return {
            "": True,
            "table": bool(ask.raw if ask.is_raw else ask.found or ask.profile),
            "found": bool(ask.found or ask.profile),
            "raw": bool(ask.raw),
            "world": ask.world is not None,
        }[self.needs]

    def findings(self, ask: Ask) -> list[Finding]:
        """What is to be said, or one `ok`, or that it could not be told."""
        try:
            made = [replace(finding, id=self.id) for finding in self.run(ask)]
        except CannotTell as e:
            title = _("%(check)s: could not tell", check=_(self.title))
            return [Finding(self.id, "warn", title, str(e), unknown=True)]
        if made or not self.ok or (self.family in OF_DATA and ask.is_unread):
            return made
        if text := handled(self.id, ask):
            return [Finding(self.id, "ok", _(self.ok), text, handled=True)]
        text = rows_read(ask) if self.needs in ("table", "found", "raw") else ""
        return [Finding(self.id, "ok", _(self.ok), text)]


CHECKS: list[Check] = []


def check(id: str, title: str, *, mode: str = "both", needs: str = "", algorithms: tuple[str, ...] = (), ok: str = ""):
    """Put the decorated function on the list. `title` and `ok` are marked with gettext_noop where they are written."""

    def listed(run: Run) -> Run:
        CHECKS.append(Check(id, title, run, mode, needs, algorithms, ok))
        return run

    return listed


def rows_read(ask: Ask) -> str:
    """How far the claim goes."""
    if ask.complete:
        return ngettext("The one row was read.", "All %(n)s rows were read.", ask.rows)
    return ngettext(
        "Only the first row was read, not the whole table.",
        "The first %(n)s rows were read, not the whole table.",
        ask.rows,
    )


def err(title: str, text: str, **more: Any) -> Finding:
    """Will fail, or corrupt the model."""
    return Finding("", "err", title, text, **more)


def warn(title: str, text: str, **more: Any) -> Finding:
    """May mislead."""
    return Finding("", "warn", title, text, **more)


def let_prepare() -> Fix:
    """The mend of most raw faults."""
    return Fix(_("Let the console prepare the table"), {"recipe.prepare": True})


def hold_out() -> Fix:
    """A share of the rows instead of other validation data."""
    return Fix(_("Hold out a fifth of the rows"), {"recipe.validation": "share", "recipe.validation_share": 0.2})


__all__ = ["CHECKS", "Check", "check", "err", "gettext_noop", "hold_out", "let_prepare", "rows_read", "warn"]
