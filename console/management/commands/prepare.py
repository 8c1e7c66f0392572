"""`manage.py prepare`: brings the database, the static files, the first user and the console's key up to date."""

import os
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from engine.models import AccessKey
from sagewright import environment as env

LOCK = 7283645  # any number that nothing else in this database locks


class Command(BaseCommand):
    help = "Migrate, collect static files (--static), make the first user and the console's access key. Repeatable."

    def add_arguments(self, parser):
        parser.add_argument("--static", action="store_true", help="collect the static files too")
        parser.add_argument(
            "--no-first-user", action="store_true", help="leave the first user to `manage.py first_user`"
        )

    def handle(self, *args, **options):
        with one_at_a_time():
            self.prepare(options)

    def prepare(self, options):
        call_command("migrate", interactive=False, verbosity=0)
        if options["static"]:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if settings.BACKEND == "engine":
            issue_console_key()
        if not options["no_first_user"]:
            call_command("first_user", stdout=self.stdout)


@contextmanager
def one_at_a_time():
    """A context that one machine at a time is in: each prepares what all share when it starts.

    SQLite is one machine's, whose supervisor has locked the data folder.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def issue_console_key() -> None:
    """Let the engine know the key that the console's own processes sign with: the one in this environment."""
    key, _, secret = env.raw("CONSOLE_KEY").partition(":")
    key = key or os.environ.get("AWS_ACCESS_KEY_ID", "")
    secret = secret or os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if key and secret and not AccessKey.objects.filter(access_key_id=key).exists():
        AccessKey.issue(None, AccessKey.Role.ADMINISTRATOR, "The console itself", key, secret)
