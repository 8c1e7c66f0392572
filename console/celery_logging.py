"""Keeps Celery from setting up logging, for settings.LOGGING says what is printed. Imported for its effect."""

from celery.signals import setup_logging


@setup_logging.connect(weak=False)
def leave_alone(**_) -> None:
    """Do nothing: Celery leaves logging to whoever listens to this signal."""
