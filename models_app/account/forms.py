"""The sign-in form and the form for a new password, which count tries."""

import threading

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from models_app.account import throttle
from models_app.account.request_source import source_of

# A password costs half a second of a processor. Strangers who try many take no more than half of the threads for pages.
_password_checks = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


class SignInForm(AuthenticationForm):
    """Says how many tries are left, and looks at no password while the account is paused."""

    keep = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Keep me signed in for 12 hours"))

    def clean(self):
        """Check name and password, unless too many people sign in at this moment."""
        if not _password_checks.acquire(blocking=False):
            raise ValidationError(
                _("Many people are signing in at this moment. Try again in a few seconds."), code="busy"
            )
        try:
            return self._clean_in_turn()
        finally:
            _password_checks.release()

    def _clean_in_turn(self):
        name = self.cleaned_data.get("username", "")
        tried = ("sign-in", name, source_of(self.request, name))
        try:
            tries_left = throttle.take_try(*tried)
        except throttle.Paused as pause:
            raise ValidationError(_pause(pause.minutes), code="paused") from None
        try:
            cleaned = super().clean()
        except ValidationError as e:
            raise ValidationError(self._wrong(tries_left), code="invalid_login") from e
        throttle.forget(*tried)
        return cleaned

    def _wrong(self, tries_left: int) -> str:
        if not tries_left:
            return _pause(throttle.PAUSE_MINUTES)
        return ngettext(
            "The user name or password is incorrect. %(n)d try left before a %(pause)d-minute pause.",
            "The user name or password is incorrect. %(n)d tries left before a %(pause)d-minute pause.",
            tries_left,
        ) % {"n": tries_left, "pause": throttle.PAUSE_MINUTES}


class PasswordForm(PasswordChangeForm):
    """Old password, new password twice. A new one must differ, or a one-time password would live on.

    Tries of the old password are counted for each session, so that whoever found a browser open cannot guess it.
    """

    def __init__(self, user, *args, session_key: str = "", **kwargs):
        super().__init__(user, *args, **kwargs)
        self._tried = ("password", str(user.pk), session_key)

    def clean_old_password(self):
        """Check the old password; a try that counts towards the pause."""
        try:
            throttle.take_try(*self._tried)
        except throttle.Paused as pause:
            raise ValidationError(_pause(pause.minutes), code="paused") from None
        old = super().clean_old_password()
        throttle.forget(*self._tried)
        return old

    def clean(self):
        """Refuse a new password that is the old one."""
        cleaned = super().clean()
        new = self.cleaned_data.get("new_password1")
        if new and self.user.check_password(new):
            self.add_error("new_password1", _("The new password is the same as the old one. Enter a different one."))
        return cleaned


def _pause(minutes: int) -> str:
    return ngettext(
        "Too many wrong passwords. Try again in %(n)d minute.",
        "Too many wrong passwords. Try again in %(n)d minutes.",
        minutes,
    ) % {"n": minutes}
