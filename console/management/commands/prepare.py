"""`manage.py prepare`: brings the database, the static files, the first user and the console's key up to date."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from engine.models import AccessKey


class Command(BaseCommand):
    help = "Migrate, collect static files (--static), make the first user and the console's access key. Repeatable."

    def add_arguments(self, parser):
        parser.add_argument("--static", action="store_true", help="collect the static files too")
        parser.add_argument(
            "--no-first-user", action="store_true", help="leave the first user to `manage.py first_user`"
        )

    def handle(self, *args, **options):
        call_command("migrate", interactive=False, verbosity=0)
        if options["static"]:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if settings.BACKEND == "engine":
            issue_console_key()
        if not options["no_first_user"]:
            call_command("first_user", stdout=self.stdout)


def issue_console_key() -> None:
    """Let the engine know the key that the console's own processes sign with: the one in this environment."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if key and secret and not AccessKey.objects.filter(access_key_id=key).exists():
        AccessKey.issue(None, AccessKey.Role.ADMINISTRATOR, "The console itself", key, secret)
