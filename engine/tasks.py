"""The engine's background work: lets Celery find every task of the engine, and repairs what was lost."""

from celery import shared_task

from engine.hosting import claims as hosting
from engine.hosting.tasks import deploy
from engine.training import claims as training
from engine.training.tasks import run

__all__ = ["deploy", "reconcile", "run"]


@shared_task
def reconcile() -> None:
    """Do for every unfinished row what a lost message or a dead worker left undone. Safe to repeat at any time."""
    hosting.nudge_waiting()
    training.release_stale()
