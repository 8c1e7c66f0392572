"""Builds a training job's SecondaryStatusTransitions, with AWS's texts."""

from datetime import datetime

MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Restarting": "The training worker went away. The job starts again from the beginning.",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
FINAL = ("Completed", "Failed", "Stopped", "MaxRuntimeExceeded")


def add_transition(transitions: list[dict], status: str, at: datetime, created: datetime) -> list[dict]:
    """Return `transitions` with `status` begun at `at` and the one before it ended. A job is Starting when created."""
    seconds = at.timestamp()
    steps = [dict(step) for step in transitions] or [_step("Starting", created.timestamp())]
    if steps[-1]["Status"] == status:
        return steps
    if not steps[-1].get("EndTime"):
        steps[-1]["EndTime"] = seconds
    step = _step(status, seconds)
    if status in FINAL:
        step["EndTime"] = seconds
    return [*steps, step]


def _step(status: str, at: float) -> dict:
    return {"Status": status, "StartTime": at, "StatusMessage": MESSAGES[status]}
