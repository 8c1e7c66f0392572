"""Guards views that change one row: the person's role, then the row, then whose it is."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied

from models_app.account.roles import Action, may_change, requires


def changes(find: Callable[[str], Any], words: Any) -> Callable:
    """A view that changes the row `find(name)`: it gets the row in the place of its name.

    `find` raises Gone for a missing row. `words` say with %(name)s who alone may do this: the answer to everybody
    else. The role is looked at before the row is, so that who may change nothing, or is not signed in, gets the same
    answer for a row that exists as for one that does not.
    """

    def decorate(view):
        @wraps(view)
        @requires(Action.CHANGE)
        def guarded(request, name):
            row = find(name)
            if not may_change(request.user, row):
                raise PermissionDenied(words % {"name": name})
            return view(request, row)

        return guarded

    return decorate
