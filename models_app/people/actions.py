"""What an administrator does to people, and how an invited person comes in."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils.timezone import now

from common.db.person import Person, Role
from common.messages import _
from models_app.account.sessions import end_sessions
from models_app.models import Invitation, Model
from models_app.problems import Problem

log = logging.getLogger(__name__)
ADMINISTRATORS = Q(is_superuser=True) | Q(person__role=Role.ADMINISTRATOR)


def invite(by: User, name: str, role: str, days: int) -> tuple[User, str]:
    """A person called `name` who cannot sign in yet, and the secret of the link that lets them choose a password.

    Raises Problem(field="username") when the name is taken.
    """
    taken = Problem(_("There is a person called %(name)s already.", name=name), "username")
    if get_user_model().objects.filter(username__iexact=name).exists():
        raise taken
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(name, is_active=False)  # with no password that opens anything
            Person.objects.create(user=user, role=role)
            return user, renew_link(by, user, days)
    except IntegrityError:
        raise taken from None


def renew_link(by: User, user: User, days: int) -> str:
    """The secret of a new link for `user`, which lets them choose a password within `days`. It replaces an older link.

    Raises Problem for a disabled person.
    """
    if is_disabled(user):
        raise Problem(_("%(name)s is disabled. Enable %(name)s first.", name=user.username))
    secret = secrets.token_urlsafe(32)
    fields = {"secret_sha256": _sha256(secret), "created_by": by, "created": now(), "expires": now() + timedelta(days)}
    Invitation.objects.update_or_create(user=user, defaults=fields)
    log.info("%r created a link for %r", by.get_username(), user.get_username())
    return secret


def is_disabled(user: User) -> bool:
    """Whether an administrator disabled `user`, who was able to sign in before."""
    return not user.is_active and user.has_usable_password()


def find_invitation(secret: str) -> Invitation | None:
    """The invitation whose link has `secret`; None when it was used or replaced, or has expired."""
    invitation = Invitation.objects.select_related("user").filter(secret_sha256=_sha256(secret)).first()
    return invitation if invitation and not invitation.is_expired else None


def accept(secret: str, password: str) -> User | None:
    """Set the password of the person whose link has `secret`, once; None when the link is no longer good."""
    with transaction.atomic():
        invitation = find_invitation(secret)
        if invitation is None or not Invitation.objects.filter(secret_sha256=invitation.secret_sha256).delete()[0]:
            return None
        user = invitation.user
        user.set_password(password)
        user.is_active = True
        user.save(update_fields=["password", "is_active"])
        Person.objects.update_or_create(user=user, defaults={"one_time_password": False})
        end_sessions(user)
    return user


def set_role(by: User, user: User, role: str) -> None:
    """Give `user` a role, which their pages and keys have at once. Raises Problem for the last administrator."""
    with _an_administrator_remains():
        Person.objects.update_or_create(user=user, defaults={"role": role})
        if role != Role.ADMINISTRATOR and (user.is_superuser or user.is_staff):
            user.is_superuser = user.is_staff = False
            user.save(update_fields=["is_superuser", "is_staff"])
    log.info("%r gave %r the role %s", by.get_username(), user.get_username(), role)


def disable(by: User, user: User) -> None:
    """End the sessions of `user`; their keys and live streams are refused within five seconds.

    Raises Problem for oneself and for the last administrator.
    """
    _not_oneself(by, user)
    with _an_administrator_remains():
        user.is_active = False
        user.save(update_fields=["is_active"])
        Invitation.objects.filter(user=user).delete()
        end_sessions(user)
    log.info("%r disabled %r", by.get_username(), user.get_username())


def enable(by: User, user: User) -> None:
    """Let a disabled person sign in again; the keys that they did not stop themselves work again."""
    if is_disabled(user):
        user.is_active = True
        user.save(update_fields=["is_active"])
        log.info("%r enabled %r", by.get_username(), user.get_username())


def remove(by: User, user: User) -> None:
    """Delete `user` with their access keys, drafts and uploads. What they created at SageMaker stays.

    Raises Problem while models belong to them, for oneself, and for the last administrator.
    """
    _not_oneself(by, user)
    try:
        with _an_administrator_remains():
            end_sessions(user)
            user.delete()
        log.info("%r removed %r", by.get_username(), user.get_username())
    except ProtectedError:
        n = Model.objects.filter(owner=user).count()
        raise Problem(
            _(
                "%(name)s owns models (%(n)s). Delete them first, or disable %(name)s: then the models stay.",
                n=n,
                name=user.username,
            )
        ) from None


@contextmanager
def _an_administrator_remains() -> Iterator[None]:
    """Undo what is done inside, and raise Problem, when it leaves nobody who can sign in and manage people."""
    with transaction.atomic():
        administrators = get_user_model().objects.filter(ADMINISTRATORS, is_active=True)
        list(administrators.select_for_update(of=("self",)))  # two at once would each see the other one remain
        yield
        if not administrators.exists():
            raise Problem(_("This is the last administrator. Give somebody else the role Administrator first."))


def _not_oneself(by: User, user: User) -> None:
    if by == user:
        raise Problem(_("This is you. Another administrator can do it."))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
