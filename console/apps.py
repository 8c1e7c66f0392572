"""Prepares Django's processes: shared tasks find their broker, and PostgreSQL takes every text."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ConsoleConfig(AppConfig):
    """Wires Celery and the database's connections when Django starts."""

    name = "console"

    def ready(self) -> None:
        """Load Celery's application, which registers tasks, and prepare each new connection."""
        import_module("console.celery")
        connection_created.connect(_prepare_connection)


def _prepare_connection(connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql":
        from common.db.text_dumpers import register  # with psycopg, which takes a while to load

        register(connection.connection)
