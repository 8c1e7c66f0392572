"""`manage.py first_user`: makes the first administrator, with a one-time password and an access key."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.db.person import Role
from engine.models import AccessKey
from models_app.models import Person
from sagewright import environment as env

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else


class Command(BaseCommand):
    help = "Make the first user when there is none; --new-password gives a user another one-time password."

    def add_arguments(self, parser):
        parser.add_argument("--new-password", metavar="USER", help="the user who lost the password")

    def handle(self, *args, **options):
        users = get_user_model().objects
        if name := options["new_password"]:
            user = users.filter(username=name).first()
            if user is None:
                raise CommandError(f"There is no user {name!r}.")
            self.stdout.write(f"One-time password of {name}: {give_one_time_password(user)}")
        elif not users.exists():
            self.make(env.text("FIRST_USER"))

    @transaction.atomic
    def make(self, name: str) -> None:
        """An administrator called `name`; their access key is the one in SAGEWRIGHT_FIRST_USER_KEY, or a new one."""
        try:
            get_user_model()._meta.get_field("username").run_validators(name)
        except ValidationError as e:
            raise CommandError(f"SAGEWRIGHT_FIRST_USER: {' '.join(e.messages)}") from None
        user = get_user_model().objects.create_superuser(username=name)
        password = give_one_time_password(user)
        self.stdout.write(f"First user: {name}")
        self.stdout.write(f"One-time password (shown this once): {password}")
        if settings.BACKEND == "engine":
            key_id, _, secret = env.raw("FIRST_USER_KEY").partition(":")
            key, secret = AccessKey.issue(user, AccessKey.Role.ADMINISTRATOR, "First user", key_id, secret)
            if not key_id:
                self.stdout.write(f"Access key (shown this once): {key.access_key_id} {secret}")


def give_one_time_password(user) -> str:
    """Set a random password that opens only the page where its owner chooses another; returns it."""
    words = ("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))
    password = "-".join(words)
    user.set_password(password)
    user.save(update_fields=["password"])
    role = Role.ADMINISTRATOR if user.is_superuser else Role.VIEWER
    once = {"one_time_password": True}
    Person.objects.update_or_create(user=user, defaults=once, create_defaults=once | {"role": role})
    return password
