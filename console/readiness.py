"""Tells the supervisor that a Celery process is ready, by making the file it named. Imported for its effect."""

from pathlib import Path

from celery import signals

from sagewright import environment as env


@signals.worker_ready.connect
@signals.beat_init.connect
def say_ready(**_) -> None:
    """Where nobody named a file, nobody waits."""
    if file := env.text("READY_FILE"):
        Path(file).touch()
