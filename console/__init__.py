"""Wiring: settings, URLs, the Celery app and the supervisor. No rules live here."""
