"""What the page of a transform job shows, taken from its row and what SageMaker described."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from models_app.models import TransformJob
from models_app.training.page import Step

Status = TransformJob.Status
_ENDS: dict[str, str] = {Status.FAILED: "fail", Status.STOPPED: "stop"}


def steps_of(row: TransformJob) -> list[Step]:
    """File, Predict and Write result; Predict alone for a job made elsewhere."""
    rows = _("%(count)s rows") % {"count": f"{row.rows:,}"} if row.rows is not None else ""
    done = row.preparing.get("total") or 0
    share = 100 * row.preparing.get("done", 0) / done if done else None
    steps = [
        (pgettext("section", "File"), rows or row.status_note, None, share),
        (_("Predict"), "", row.seconds, None),
        (_("Write result"), "", None, None),
    ]
    at = _stage(row)
    drawn = [
        Step(name, _state(row, index, at), fact, seconds, pct) for index, (name, fact, seconds, pct) in enumerate(steps)
    ]
    return drawn[1:2] if row.external else drawn


def _stage(row: TransformJob) -> int:
    """The step that runs, or in which the job ended; 3 for one that is completed."""
    if row.status == Status.COMPLETED:
        return 3
    if row.status == Status.COLLECTING:
        return 2
    if row.status == Status.CREATED or (row.is_final and row.rows is None and not row.external):
        return 0
    described = row.described.get("TransformJobStatus")
    return 2 if row.status == Status.FAILED and described == Status.COMPLETED else 1


def _state(row: TransformJob, index: int, at: int) -> str:
    if index < at:
        return "done"
    if index > at:
        return "wait"
    return _ENDS.get(row.status, "now")


def preview_of(row: TransformJob) -> list[tuple[list[str], str]]:
    """(cells, why it was not read) of the first rows of the result; "" for a row that was read."""
    preview: list[list[str]] = row.result.get("preview", [])
    reasons: list[str] = row.result.get("not_read", [])  # results of earlier versions have none
    return list(zip(preview, [*reasons, *[""] * len(preview)], strict=False))


def shares_of(row: TransformJob) -> list[tuple[str, int, float]]:
    """(answer, rows, percent) of the commonest answers."""
    answered = row.result.get("answered") or 0
    return [(name, count, 100 * count / answered) for name, count in row.result.get("counts", ()) if answered]
