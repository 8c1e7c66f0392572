"""Wiring: settings, URLs, the Celery app and the supervisor. No rules live here."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
