"""Who may do what. A viewer reads, an editor changes their own work, an administrator changes everything."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from models_app.models.person import Person, Role

RANK: dict[str, int] = {Role.VIEWER: 0, Role.EDITOR: 1, Role.ADMINISTRATOR: 2}


def role_of(user) -> str:
    """The role of `user`; superusers are administrators, a user nobody gave a role is a viewer."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    person = getattr(user, "person", None)  # kept on the user: one query a request, however often a page asks
    if person is None:
        person, _made = Person.objects.get_or_create(user=user)
    return person.role


def has_role(user, role: str) -> bool:
    return RANK[role_of(user)] >= RANK[role]


def may_change(user, thing) -> bool:
    """Editors change what they made; what came from elsewhere or from others is an administrator's."""
    return has_role(user, Role.ADMINISTRATOR) or (has_role(user, Role.EDITOR) and thing.owner_id == user.pk)


def needs(role: str):
    """A view that only people of `role` or above may call; `view.role` lets a test walk all URLs."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not has_role(request.user, role):
                raise PermissionDenied(
                    _("This needs the role %(role)s. An administrator can give it under Users and roles.")
                    % {"role": Role(role).label}
                )
            return view(request, *args, **kwargs)

        guarded.role = role  # type: ignore[attr-defined]
        return guarded

    return decorate


viewer, editor, administrator = needs(Role.VIEWER), needs(Role.EDITOR), needs(Role.ADMINISTRATOR)
