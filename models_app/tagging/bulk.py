"""Tags many rows of a list at once."""

from collections.abc import Sequence

from django.contrib import messages
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.tags import parse
from models_app.account.roles import Action, requires
from models_app.lists.bulk import act_on_selection
from models_app.problems import Problem
from models_app.tagging import actions
from models_app.tagging.kinds import KINDS

MAX_TAGGED = 100  # at once: each is a request to SageMaker
MAX_TEXT = 20_000  # characters of a form's field


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def tag(request, of):
    """GET shows the form for the selected rows; POST sets tags on them and removes others."""
    kind = KINDS[of].listed
    typed = {field: request.POST.get(field, "")[:MAX_TEXT] for field in ("tags", "remove")}
    new, removed, problem = _read(typed) if request.method == "POST" else ({}, [], None)

    def act(pks: Sequence[int]) -> int:
        done = 0
        for row in kind.rows().filter(pk__in=pks[:MAX_TAGGED]):
            try:
                actions.change(row, new, removed)
                done += 1
            except Problem as refused:
                messages.error(request, _("Failed to tag %(name)s: %(why)s") % {"name": row.name, "why": refused})
        if len(pks) > MAX_TAGGED:
            words = _("%(n)s more are left: %(most)s are tagged at a time.")
            messages.info(request, words % {"n": f"{len(pks) - MAX_TAGGED:,}", "most": MAX_TAGGED})
        return done

    words = {
        "title": _("Tag: %(list)s") % {"list": kind.title},
        "button": _("Tag"),
        "unfit": "",
        "text": _("Tags that are not named here stay as they are."),
        "fields": "tagging/_fields.html",
        "typed": typed,
    }
    return act_on_selection(request, kind, words, lambda row: True, act, _tagged, columns=(), problem=problem)


def _read(typed: dict[str, str]) -> tuple[dict[str, str], list[str], Problem | None]:
    """(tags to set, keys to remove, what is wrong with the form)."""
    removed = [key.strip() for key in typed["remove"].splitlines() if key.strip()]
    try:
        new = parse(typed["tags"])
    except Problem as problem:
        return {}, removed, problem
    if not new and not removed:
        return {}, [], Problem(_("Write a tag to set, such as team=fraud, or a key to remove."), "tags")
    return new, removed, None


def _tagged(n: int) -> str:
    return _("Tagged: %(n)s.") % {"n": f"{n:,}"}
