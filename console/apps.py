"""Makes the Celery app known to Django's processes: only then do shared tasks find their broker."""

from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        import_module("console.celery")
