"""Guards the console's pages by the table of `common.permissions`."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from common import permissions
from common.db.person import Role, role_of
from common.permissions import Action

__all__ = ["Action", "Role", "may", "may_change", "requires", "role_of"]


def may(user, action: Action) -> bool:
    """Whether `user` may do `action`."""
    return permissions.may(role_of(user), action)


def may_change(user, thing) -> bool:
    """Whether `user` may change `thing`, a row with an owner. What came from elsewhere is an administrator's."""
    return permissions.may_change(role_of(user), is_owner=thing.owner_id == user.pk)


def requires(action: Action):
    """A view only for people who may do `action`; `view.role`, the lowest such role, lets a test walk all URLs."""
    role = permissions.lowest_role(action)

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not may(request.user, action):
                raise PermissionDenied(
                    _("This needs the role %(role)s. An administrator can give it under People and keys.")
                    % {"role": Role(role).label}
                )
            return view(request, *args, **kwargs)

        guarded.role = role  # type: ignore[attr-defined]
        return guarded

    return decorate
