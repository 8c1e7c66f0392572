"""`manage.py script_environment`: the Python environment of people's own scripts, made before a job needs it."""

from django.core.management.base import BaseCommand, CommandError

from engine.frameworks import environments
from engine.frameworks.locked_environment import EnvironmentUnavailable


class Command(BaseCommand):
    help = "Makes the base environment of people's own scripts, which the first such job makes otherwise."

    def handle(self, **options) -> None:
        try:
            self.stdout.write(f"The base environment is {environments.base().folder}.")
        except EnvironmentUnavailable as e:
            raise CommandError(str(e)) from e
