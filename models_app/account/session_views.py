"""Where a person is signed in: the list, and ending one session or all others."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from common.permissions import Action
from models_app.account.post_only import post_only
from models_app.account.roles import requires
from models_app.account.sessions import end_session, end_sessions, sessions_of


@require_GET
@requires(Action.OWN_ACCOUNT)
def sessions(request):
    """Every browser in which one is signed in."""
    return render(request, "account/sessions.html", {"sessions": sessions_of(request.user, _key(request))})


@post_only("sessions")
@requires(Action.OWN_ACCOUNT)
def session_end(request, session_id):
    """End one session of one's own."""
    if end_session(request.user, session_id):
        messages.success(request, _("That browser is signed out."))
    else:
        messages.info(request, _("That browser was signed out already."))
    return redirect("sessions")


@post_only("sessions")
@requires(Action.OWN_ACCOUNT)
def sessions_end(request):
    """End all sessions of one's own but this one."""
    count = end_sessions(request.user, besides=_key(request))
    words = ngettext("%(n)d other browser is signed out.", "%(n)d other browsers are signed out.", count)
    messages.success(request, words % {"n": count})
    return redirect("sessions")


def _key(request) -> str:
    return request.session.session_key or ""
