"""Background work of the Create model page."""

from celery import shared_task

from models_app.create import drafts


@shared_task
def sweep_drafts() -> None:
    """Delete the drafts that nobody touched for a month."""
    drafts.sweep()
