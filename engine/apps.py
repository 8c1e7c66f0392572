"""The engine as a Django application."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """The offline SageMaker: its rows, tasks and administration."""

    name = "engine"
    verbose_name = "Engine"
