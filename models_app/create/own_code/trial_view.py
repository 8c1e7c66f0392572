"""A trial as the page shows it: nine facts, one warning, or the first error with a person's own lines."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jobs.code.kinds import CLASS
from jobs.code.repair import dummies_lines, keep_columns
from jobs.code.trial import ROWS, SECONDS
from models_app.create.own_code.form import CodeForm
from models_app.create.own_code.trial_facts import Fact, class_facts, script_facts, times
from models_app.models import Trial
from models_app.text.code_failures import exit_code_of, hint_of
from models_app.text.tracebacks import of_log
from models_app.training.trial import digest_of

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
    facts = class_facts(report, line) if form.kind.name == CLASS else script_facts(report)
    rows = report.get("facts", {}).get("rows", ROWS)
    return TrialView(trial, False, True, stale, times(report), facts, warning, None, log, marks, rows)


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
        text = " ".join(filter(None, (_("It was raised %(stage)s.") % {"stage": stage}, hint_of(title))))
        return TrialError(title, text, _frames(error), error.get("raw", ""))
    reason = result.get("reason", "")
    failure = of_log(result.get("log") or [], form.code.file)
    if failure:
        frames = ((failure.file, failure.line, failure.function, ""),) if failure.line else ()
        text = " ".join(filter(None, (failure.sentence, hint_of(failure.exception))))
        return TrialError(failure.exception, text, frames, reason)
    if result.get("stage") == "MaxRuntimeExceeded":
        words = _("A trial has %(n)s seconds. The log has what it wrote.") % {"n": SECONDS}
        return TrialError(_("Stopped after a minute"), words, (), reason)
    if code := exit_code_of(reason):
        title = _("The code ended with exit code %(code)s") % {"code": code}
        return TrialError(title, _("It raised no exception. The log has what it wrote last."), (), reason)
    if result.get("status") == "Stopped":
        return TrialError(_("The trial was stopped"), _("It was ended before it had a result."), (), reason)
    first = reason.splitlines()[0] if reason else _("The trial ended without a word")
    return TrialError(first, _("The log has what it wrote."), (), reason)


def _frames(error: dict[str, Any]) -> tuple[tuple[str, int, str, str], ...]:
    return tuple((f["file"], f["line"], f.get("function", ""), f.get("text", "")) for f in error.get("frames", ()))
