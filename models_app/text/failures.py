"""Turns the raw text of a failure into what happened, where, and what to do. What it does not know it says so."""

import re
from dataclasses import dataclass, field
from typing import Any

from common.messages import _, gettext_noop
from models_app.text.failure_causes import KNOWN, Fix

__all__ = ["Failure", "Fix", "explain"]


@dataclass(frozen=True)
class Failure:
    """A failure for a person; `raw` is AWS's own text, one click away."""

    headline: str
    explain: str
    raw: str
    fixes: list[Fix] = field(default_factory=list)


_BLAME = {
    "ClientError": gettext_noop("SageMaker puts this down to the request or the data."),
    "AlgorithmError": gettext_noop("SageMaker puts this down to the algorithm."),
    "InternalServerError": gettext_noop("SageMaker puts this down to itself; trying again may be enough."),
}


def of_report(report: dict[str, Any], raw: str) -> Failure:
    """What preflight did not let pass: its worst finding, with its fixes. `report` is a preflight.Report as JSON."""
    worst = next(finding for finding in report["findings"] if finding["level"] == "err")
    fixes = [Fix(fix["label"], fix["label"], fix["changes"]) for fix in worst["fixes"]]
    return Failure(worst["title"], worst["text"], raw, fixes)


def explain(raw: str) -> Failure | None:
    """The failure behind `raw`, None when there is none. An unknown cause gets no invented fix."""
    if not raw:
        return None
    for pattern, headline, why, fix in KNOWN:
        if match := re.search(pattern, raw, re.DOTALL):
            parts = {name: value or "" for name, value in match.groupdict().items()}
            changes = {key.format(**parts): value for key, value in fix.changes.items()}
            fixed = Fix(_(fix.label), _(fix.text).format(**parts), changes)
            return Failure(_(headline).format(**parts), _(why), raw, [fixed])
    culprit, _colon, rest = raw.partition(":")
    if culprit in _BLAME:
        code = re.search(r"[Ee]xit [Cc]ode:? ?'?(-?\d+)", rest)
        words = _("Stopped with exit code %(code)s", code=code[1]) if code else _first_sentence(rest)
        return Failure(words, _(_BLAME[culprit]), raw)
    return Failure(_first_sentence(raw), _("This is all that is known of the cause."), raw)


def _first_sentence(text: str, limit: int = 140) -> str:
    line = text.strip().splitlines()[0] if text.strip() else _("No reason was given")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    return sentence if len(sentence) <= limit else sentence[: limit - 1].rstrip() + "…"
