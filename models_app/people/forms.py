"""The forms of an invitation and of a role."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.db.person import Role

NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")  # IAM's rule for user names
DAYS = {7: gettext_lazy("7 days"), 1: gettext_lazy("1 day"), 30: gettext_lazy("30 days")}


class RoleForm(forms.Form):
    """Which role."""

    role = forms.ChoiceField(choices=Role.choices)


class InviteForm(RoleForm):
    """Who is invited, with which role, and how long the link is good."""

    username = forms.CharField(strip=True, max_length=64)
    days = forms.TypedChoiceField(choices=list(DAYS.items()), coerce=int)

    def clean_username(self) -> str:
        """The name, if it is one."""
        name = self.cleaned_data["username"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError(
                _("A user name has up to 64 letters, digits and _ + = , . @ -, for example kim or kim@acme.com.")
            )
        return name
