"""Background work of the Create model page."""

from celery import shared_task

from models_app.create import drafts
from models_app.training import trial


@shared_task
def sweep_trials() -> None:
    """End and forget trials of people's code that nobody looks at any more."""
    trial.sweep()


@shared_task
def sweep_drafts() -> None:
    """Delete the drafts that nobody touched for a month."""
    drafts.sweep()
