"""A person as the pages show them: status, role in one sentence, and what can be done."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.db.person import Role, role_of
from models_app.people.actions import is_disabled

# What a role may, and what it may not, in the words of `common.permissions.RULES`.
MAY = {
    Role.VIEWER: gettext_lazy("Sees models, jobs, endpoints and data. Changes nothing."),
    Role.EDITOR: gettext_lazy("Trains, deploys, sends requests, writes data, and changes what they created."),
    Role.ADMINISTRATOR: gettext_lazy("Everything, also what others created, people and keys."),
}
MAY_NOT = {
    Role.VIEWER: gettext_lazy("Not: create models, send requests to endpoints, write to buckets."),
    Role.EDITOR: gettext_lazy("Not: change what others created, invite people, see the keys of others."),
    Role.ADMINISTRATOR: "",
}


@dataclass(frozen=True)
class RoleChoice:
    """A role as a tile of a form."""

    value: str
    title: str
    may: str
    may_not: str
    is_current: bool


@dataclass(frozen=True)
class PersonRow:
    """One person of the list. `keys` is the number of active access keys; None when nobody could count them."""

    user: User
    keys: int | None = None

    @property
    def pk(self) -> int:
        """The key of the person's row."""
        return self.user.pk

    @property
    def name(self) -> str:
        """The name that the person signs in with."""
        return self.user.get_username()

    @property
    def role(self) -> Role:
        """Viewer, editor or administrator."""
        return Role(role_of(self.user))

    @property
    def role_title(self) -> str:
        """The role in words."""
        return str(self.role.label)

    @property
    def may(self) -> str:
        """What the role allows, in a sentence."""
        return str(MAY[self.role])

    @property
    def invitation(self):
        """The open invitation; None without one."""
        return getattr(self.user, "invitation", None)

    @property
    def is_invited(self) -> bool:
        """True if the person has not chosen a password yet."""
        return not self.user.is_active and not is_disabled(self.user)

    @property
    def is_disabled(self) -> bool:
        """True if an administrator has disabled the person."""
        return is_disabled(self.user)

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return "ok" if self.user.is_active else "wait" if self.is_invited else "stop"

    @property
    def status_word(self) -> str:
        """The status in words."""
        if self.user.is_active:
            return _("Active")
        return _("Invited") if self.is_invited else _("Disabled")


def role_choices(current: str) -> list[RoleChoice]:
    """Every role, `current` chosen."""
    return [RoleChoice(r.value, str(r.label), str(MAY[r]), str(MAY_NOT[r]), r.value == current) for r in Role]
