"""The sign-in form, which counts wrong tries, and the form for a new password."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from models_app.account import throttle


class SignInForm(AuthenticationForm):
    """Says how many tries are left, and stops asking the database while a name is paused."""

    keep = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Keep me signed in for 12 hours"))

    def clean(self):
        name = self.cleaned_data.get("username", "")
        if minutes := throttle.paused_minutes(name, self._address):
            raise ValidationError(self._pause(minutes), code="paused")
        try:
            cleaned = super().clean()
        except ValidationError as e:
            tries_left = throttle.failed(name, self._address)
            raise ValidationError(self._wrong(tries_left), code="invalid_login") from e
        throttle.forget(name, self._address)
        return cleaned

    @property
    def _address(self) -> str:
        return self.request.META.get("REMOTE_ADDR", "") if self.request else ""

    def _pause(self, minutes: int) -> str:
        return ngettext(
            "Too many wrong passwords. Try again in %(n)d minute.",
            "Too many wrong passwords. Try again in %(n)d minutes.",
            minutes,
        ) % {"n": minutes}

    def _wrong(self, tries_left: int) -> str:
        if not tries_left:
            return self._pause(throttle.PAUSE_MINUTES)
        return ngettext(
            "The user name or password is incorrect. %(n)d try left before a %(pause)d-minute pause.",
            "The user name or password is incorrect. %(n)d tries left before a %(pause)d-minute pause.",
            tries_left,
        ) % {"n": tries_left, "pause": throttle.PAUSE_MINUTES}


class PasswordForm(PasswordChangeForm):
    """Old password, new password twice. A new one must differ, or a one-time password would live on."""

    def clean(self):
        cleaned = super().clean()
        new = self.cleaned_data.get("new_password1")
        if new and self.user.check_password(new):
            self.add_error("new_password1", _("The new password is the same as the old one. Enter a different one."))
        return cleaned
