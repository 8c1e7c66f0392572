"""The tags of one row: a form of keys and values."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.tags import MAX_TAGS, checked, is_reserved
from models_app.account.roles import Action, may_change, requires
from models_app.models import Tag
from models_app.problems import Problem
from models_app.tagging import actions
from models_app.tagging.kinds import KINDS

EMPTY = 3  # lines for new tags


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def tags(request, of, name):
    """GET shows the tags as SageMaker has them now; POST makes them what the form says."""
    kind = KINDS[of]
    row = kind.find(name)
    if not may_change(request.user, row):
        words = _("Only the person who made %(name)s or an administrator can change its tags.")
        raise PermissionDenied(words % {"name": name})
    problem = None
    if request.method == "POST":
        keys, values = (request.POST.getlist(field)[: 2 * MAX_TAGS] for field in ("key", "value"))
        pairs = [(key, value) for key, value in zip(keys, values, strict=False) if key.strip() or value.strip()]
        removed = {key for key in request.POST.getlist("remove")[: 2 * MAX_TAGS] if not is_reserved(key)}
        before = Tag.of(row)
        changed = [(key, value) for key, value in pairs if key not in removed and before.get(key) != value]
        try:
            actions.change(row, checked(changed), removed)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, _("The tags of %(name)s are saved.") % {"name": name})
            return redirect(kind.page, name=name)
    else:
        actions.refresh(row)
        pairs, removed = [], set()
    stored = Tag.of(row)
    typed = dict(pairs)
    lines = [(key, typed.get(key, value), key in removed) for key, value in stored.items()]
    new = [pair for pair in pairs if pair[0] not in stored]
    context = {
        "row": row,
        "page": kind.page,
        "kind": kind.listed,
        "lines": lines,
        "new": (new + [("", "")] * EMPTY)[: max(EMPTY, len(new))],
        "problem": problem,
        "room": kind.listed.room,
    }
    return render(request, "tagging/edit.html", context, status=422 if problem else 200)
