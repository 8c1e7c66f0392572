"""`manage.py notebook_environments`: installs what notebook instances run in, before the first of them starts."""

from django.core.management.base import BaseCommand, CommandError

from engine.frameworks.locked_environment import EnvironmentUnavailable
from engine.notebooks import environments


class Command(BaseCommand):
    help = "Install JupyterLab and the kernels of notebook instances; the first start of one does it otherwise."

    def handle(self, *args, **options):
        try:
            environments.make_all(self.stdout.write)
        except EnvironmentUnavailable as e:
            raise CommandError(str(e)) from e
        for environment in environments.ALL:
            self.stdout.write(f"{environment.title}: {environment.folder}")
