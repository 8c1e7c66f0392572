"""A trial as the page shows it: nine facts, one warning, or the first error with a person's own lines."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common import amounts
from jobs.code.kinds import CLASS
from jobs.code.repair import dummies_lines, keep_columns
from jobs.code.trial import ROWS, SECONDS
from models_app.create.own_code.form import CodeForm
from models_app.models import Trial
from models_app.text import formats
from models_app.text.code_failures import of_log
from models_app.training.trial import digest_of

Fact = tuple[str, str, bool]  # title, value, whether it is a worry
STAGES = {
    "start": gettext_noop("while it was started"),
    "train": gettext_noop("in training"),
    "save": gettext_noop("while the model was saved and loaded"),
    "load": gettext_noop("in model_fn"),
    "predict": gettext_noop("in predict()"),
    "check": gettext_noop("in a second predict()"),
}


@dataclass(frozen=True)
class TrialWarning:
    """The one thing to look at. `can_fix` offers the edit."""

    title: str
    text: str
    lines: tuple[int, ...] = ()
    can_fix: bool = False


@dataclass(frozen=True)
class TrialError:
    """What stopped the trial; `frames` are (file, line, function, source) of a person's own files, innermost last."""

    title: str
    text: str
    frames: tuple[tuple[str, int, str, str], ...] = ()
    raw: str = ""


@dataclass(frozen=True)
class TrialView:
    """What the card shows. `is_stale` says that the form has changed since."""

    trial: Trial
    is_running: bool
    ok: bool
    is_stale: bool = False
    times: str = ""
    facts: list[list[Fact]] = field(default_factory=list)
    warning: TrialWarning | None = None
    error: TrialError | None = None
    log: str = ""
    marks: dict[int, str] = field(default_factory=dict)  # {line of the editor: err | warn}
    rows: int = ROWS

    @property
    def stage(self) -> str:
        """What the job is at, in SageMaker's word."""
        return self.trial.stage


def trial_view(trial: Trial | None, form: CodeForm) -> TrialView | None:
    """The card for the latest trial of `form`; None when there is none."""
    if trial is None:
        return None
    stale = digest_of(form.spec()) != trial.digest
    if not trial.ended:
        return TrialView(trial, True, False, stale)
    report = trial.result.get("report") or {}
    log = "\n".join(trial.result.get("log") or ())
    if not report.get("ok"):
        error = _error(trial.result, report, form)
        marks = {} if stale else {line: "err" for file, line, *_rest in error.frames[-1:] if file == form.code.file}
        return TrialView(trial, False, False, stale, error=error, log=log, marks=marks)
    warning = None if stale else _warning(report, form)
    marks = dict.fromkeys(warning.lines, "warn") if warning else {}
    line = warning.lines[0] if warning and warning.lines else 0
    facts = _class_facts(report, line) if form.kind.name == CLASS else _script_facts(report)
    rows = report.get("facts", {}).get("rows", ROWS)
    return TrialView(trial, False, True, stale, _times(report), facts, warning, None, log, marks, rows)


def _times(report: dict[str, Any]) -> str:
    seconds = report.get("seconds", {})
    names = {
        "start": _("started %(s)s"),
        "train": _("train %(s)s"),
        "save": _("saved and loaded %(s)s"),
        "load": _("loaded %(s)s"),
        "predict": _("predict %(s)s"),
    }
    parts = [words % {"s": f"{seconds[name]:.1f}"} for name, words in names.items() if name in seconds]
    return _("%(total)s s: %(parts)s") % {"total": f"{sum(seconds.values()):.1f}", "parts": ", ".join(parts)}


def _common_facts(report: dict[str, Any], called: str) -> list[Fact]:
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    size = facts.get("bytes", 0)
    return [
        (called, _("returned in %(time)s") % {"time": _short(seconds.get("train", 0.0))}, False),
        (_("Model on disk"), formats.size(size) if size else _("Nothing"), not size),
        (_("Memory"), formats.size(report.get("memory", 0)), False),
    ]


def _class_facts(report: dict[str, Any], line: int = 0) -> list[list[Fact]]:
    """The nine facts; `line` is where a row alone gets another answer than among others, 0 when that is not known."""
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    rows = facts.get("rows", ROWS)
    metrics = list(report.get("metrics", {}).items())[-1:]
    called = _("predict() of %(n)s rows") % {"n": rows}
    middle: list[Fact] = [
        (called, _short(seconds.get("predict", 0.0)), False),
        (_("Answers"), _answers(facts.get("answers", {})), facts.get("answers", {}).get("count") != rows),
    ]
    for name, value in metrics:
        title = _("%(metric)s on the %(n)s rows") % {"metric": name, "n": rows}
        middle.append((title, formats.metric(value, name) if isinstance(value, int | float) else str(value), False))
    alone = facts.get("alone", {}).get("same", True)
    yes, no = _("Yes"), _("No")
    differs = _("No, see line %(n)s") % {"n": line} if line else no
    return [
        _common_facts(report, "train()"),
        middle,
        [
            (_("Same answer twice"), yes if facts.get("twice") else no, not facts.get("twice")),
            (_("One row as in the whole"), yes if alone else differs, not alone),
            (_("After loading"), _("Same") if facts.get("loaded") else _("Different"), not facts.get("loaded")),
        ],
    ]


def _script_facts(report: dict[str, Any]) -> list[list[Fact]]:
    facts, seconds = report.get("facts", {}), report.get("seconds", {})
    loads = facts.get("loads")
    loading = _("in %(time)s") % {"time": _short(seconds.get("load", 0.0))} if loads else _("There is none")
    return [_common_facts(report, _("Script")), [(_("model_fn loads"), loading, not loads)]]


def _answers(answers: dict[str, Any]) -> str:
    count, kind = answers.get("count", 0), answers.get("kind")
    if kind == "numbers":
        low, high = f"{answers['min']:.4g}", f"{answers['max']:.4g}"
        return _("%(n)s numbers, %(low)s to %(high)s") % {"n": count, "low": low, "high": high}
    if kind == "rows":
        return _("%(n)s rows of %(width)s numbers") % {"n": count, "width": answers.get("width")}
    values = ", ".join(map(str, answers.get("values", ())))
    more = "…" if answers.get("different", 0) > len(answers.get("values", ())) else ""
    return _("%(n)s labels: %(values)s") % {"n": count, "values": values + more}


def _warning(report: dict[str, Any], form: CodeForm) -> TrialWarning | None:
    facts = report.get("facts", {})
    if form.kind.name != CLASS:
        if not facts.get("bytes"):
            return TrialWarning(_("The script saved no model"), _("The folder SM_MODEL_DIR is empty after training."))
        return None
    if not facts.get("alone", {}).get("same", True):
        return _depends(facts["alone"], form)
    if not facts.get("twice"):
        words = _(
            "Two calls with the same rows answered differently. Fix a seed, or keep the random state of training."
        )
        return TrialWarning(_("predict() answers differently each time"), words)
    if not facts.get("loaded"):
        words = _("The model answers differently once it is saved and loaded. Put all that predict() needs on self.")
        return TrialWarning(_("The saved model is another one"), words)
    if facts.get("answers", {}).get("count") != facts.get("rows"):
        return TrialWarning(
            _("predict() does not answer row by row"), _("Return one answer for each row, in their order.")
        )
    return None


def _depends(alone: dict[str, Any], form: CodeForm) -> TrialWarning:
    title = _("predict() depends on the other rows")
    dummies = tuple(dummies_lines(form.text))
    if dummies:
        words = _(
            "get_dummies makes other columns for one row than for all: %(lines)s. Keep the columns of training: "
            "self.columns = x.columns, then .reindex(columns=self.columns, fill_value=0)."
        )
        lines = ", ".join(_("line %(n)s") % {"n": n} for n in dummies)
        return TrialWarning(title, words % {"lines": lines}, dummies, bool(keep_columns(form.text)))
    error = alone.get("error")
    if error:
        frames = [f for f in error.get("frames", ()) if f.get("file") == form.code.file]
        lines_of = tuple(f["line"] for f in frames[-1:])
        words = _("A row alone raises %(error)s. An endpoint gets rows one by one.")
        return TrialWarning(title, words % {"error": f"{error.get('type')}: {error.get('message')}"}, lines_of)
    words = _("A row alone is answered differently than among others. An endpoint gets rows one by one.")
    return TrialWarning(title, words)


def _error(result: dict[str, Any], report: dict[str, Any], form: CodeForm) -> TrialError:
    stage = _(STAGES.get(report.get("stage", ""), "")) if report.get("stage") in STAGES else ""
    if timeout := report.get("timeout"):
        words = _("A trial has %(n)s seconds. It was ended %(stage)s.") % {"n": SECONDS, "stage": stage}
        return TrialError(_("Stopped after a minute"), words, _frames(timeout))
    if error := report.get("error"):
        title = f"{error.get('type')}: {error.get('message')}".strip()
        return TrialError(title, _("It was raised %(stage)s.") % {"stage": stage}, _frames(error), error.get("raw", ""))
    reason = result.get("reason", "")
    failure = of_log(result.get("log") or [], form.code.file)
    if failure:
        frames = ((failure.file, failure.line, failure.function, ""),) if failure.line else ()
        return TrialError(failure.exception, failure.sentence, frames, reason)
    if result.get("status") == "Stopped":
        return TrialError(_("The trial was stopped"), _("It was ended before it had a result."), (), reason)
    first = reason.splitlines()[0] if reason else _("The trial ended without a word")
    return TrialError(first, _("The log has what it wrote."), (), reason)


def _frames(error: dict[str, Any]) -> tuple[tuple[str, int, str, str], ...]:
    return tuple((f["file"], f["line"], f.get("function", ""), f.get("text", "")) for f in error.get("frames", ()))


def _short(seconds: float) -> str:
    return (
        f"{1000 * seconds:.0f} ms"
        if seconds < 0.1
        else f"{seconds:.1f} s"
        if seconds < 10
        else amounts.duration(seconds)
    )
