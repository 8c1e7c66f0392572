"""Logs who signed in, who signed out, and which sign-ins failed; the names as Python writes them, on one line."""

import logging

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from models_app.account.request_source import client_address

log = logging.getLogger(__name__)


@receiver(user_logged_in, dispatch_uid="models_app.account.signed_in")
def _signed_in(request, user, **_) -> None:
    log.info("%r signed in from %s", user.get_username(), _address(request))


@receiver(user_logged_out, dispatch_uid="models_app.account.signed_out")
def _signed_out(request, user, **_) -> None:
    if user:
        log.info("%r signed out from %s", user.get_username(), _address(request))


@receiver(user_login_failed, dispatch_uid="models_app.account.failed")
def _failed(credentials, request=None, **_) -> None:
    log.warning("a sign-in as %r failed from %s", credentials.get("username", ""), _address(request))


def _address(request) -> str:
    return repr(client_address(request.META)) if request else "nowhere"
