"""Background work on costs."""

from celery import shared_task

from models_app.costs import budget_watch


@shared_task
def check_budget() -> None:
    """Warn administrators when the month comes near its budget. Repeatable at any time."""
    budget_watch.check()
