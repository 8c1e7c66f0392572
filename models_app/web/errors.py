"""The pages for what may not be seen, is not there, or failed; and the same in a line, for the scripts of a page."""

import sys
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import defaults

from common.db import outage
from models_app.account import roles
from models_app.account.preferences import THEMES
from models_app.account.scripts import POLL, is_script, signed_out
from models_app.web.context import PRODUCT, choice

Step = tuple[str, Any]  # the name of an address, and the words of a link to it
DASHBOARD: Step = ("dashboard", gettext_lazy("Go to Dashboard"))


class Gone(Http404):
    """A thing that a page still shows and that was deleted since.

    `next_step` is where to go on.
    """

    def __init__(self, words: str, next_step: Step):
        super().__init__(words)
        self.next_step = next_step


def bad_request(request, exception):
    """Django's own answer, except for a session that cannot be saved.

    Django takes the database's failure for a session that somebody deleted.
    """
    if outage.is_away(exception):
        return _database_away(request)
    return defaults.bad_request(request, exception)


def forbidden(request, exception):
    """Says which role is missing and who can give it."""
    words = str(exception) or _("An administrator can change what you may do under People and keys.")
    if request.user.is_authenticated:
        words += " " + _("Your role is %(role)s.") % {"role": roles.Role(roles.role_of(request.user)).label}
    return _answer(request, _("You may not do this"), words, 403)


def form_expired(request, reason=""):
    """Django's answer to a form without a valid CSRF token, in words a person can act on. A script asks who it is."""
    if is_script(request):
        return signed_out()
    words = _("The form was open too long, or cookies are off. Go back, reload the page and send it again.")
    return _answer(request, _("This form has expired"), words, 403)


def not_found(request, exception):
    """Says what is gone and where to go on."""
    next_step = exception.next_step if isinstance(exception, Gone) else DASHBOARD
    words = str(exception)
    if not isinstance(exception, Gone):
        words = _("Nothing has the address %(path)s. It may have been deleted, or the name is spelled differently.")
        words %= {"path": request.path}
    if request.method != "GET":
        words += " " + _("Nothing was changed.")
    return _answer(request, _("Not found"), words, 404, next_step)


def failed(request):
    """As little as possible: whatever broke may be broken here too, and most often that is the database."""
    if outage.is_away(sys.exception()):
        return _database_away(request)
    title = _("Something failed on our side")
    if is_script(request):
        words = _("Something failed on our side. The reason is in the log of the web process.")
        return _answer(request, "", words, 500)
    words = _(
        "This page could not be made. Your models, jobs and data are not affected. The reason is in the log of the "
        "web process."
    )
    return _alone(request, title, [words], 500, ("/", DASHBOARD[1]))


def _database_away(request) -> HttpResponse:
    """503 with Retry-After. A page that was asked for comes by itself when the database answers again."""
    # What is around this answer must not ask the database again: each of its layers would wait for it anew.
    request.user = AnonymousUser()
    if hasattr(request, "session"):
        request.session.modified = False
    title, seconds = _("The database does not answer"), outage.seconds_away()
    is_read = request.method in ("GET", "HEAD")
    texts = [_("Nothing that was saved is lost.")]
    if seconds:
        texts.insert(0, _("It has not answered for %(seconds)d s.") % {"seconds": seconds})
    if is_read:
        again = _("This page asks again every %(seconds)d s and opens as soon as the database answers.")
        texts.append(again % {"seconds": outage.RETRY_AFTER})
    else:
        texts.append(
            _(
                "What you just sent may not have been saved. Go back in your browser in a moment, look whether it is "
                "there, and send it again if it is not."
            )
        )
    if POLL in request.headers:  # static/live.js says it above the page, and goes on asking
        response = HttpResponse(title, status=503)
    elif is_script(request):
        words = _("The database does not answer. Look whether it was done, and try again in a moment.")
        if is_read:
            words = _("The database does not answer. Nothing that was saved is lost; try again in a moment.")
        response = _answer(request, "", words, 503, None)
    else:
        next_step = (request.get_full_path(), _("Try again now")) if is_read else ("/", DASHBOARD[1])
        response = _alone(request, title, texts, 503, next_step)
        if is_read:
            response["Refresh"] = str(outage.RETRY_AFTER)
    response["Retry-After"] = str(outage.RETRY_AFTER)
    response["X-Unavailable"] = "database"
    response["Cache-Control"] = "private, no-store"
    return response


def _alone(request, title: str, texts: list[str], status: int, next_step: tuple[str, Any]) -> HttpResponse:
    """A page without the shell, whose navigation and person come from the database; `next_step` is a URL and words."""
    context = {"title": title, "texts": texts, "product": PRODUCT, "lang": get_language()}
    context |= {"theme": choice(request, "theme", THEMES), "next_url": next_step[0], "next_words": next_step[1]}
    return HttpResponse(render_to_string("errors/alone.html", context), status=status)


def _answer(request, title: str, text: str, status: int, next_step: Step | None = DASHBOARD) -> HttpResponse:
    """A page for a person; a message above the page for htmx, which keeps the part it asked for; JSON for a script."""
    if not is_script(request):
        return render(request, "errors/page.html", {"title": title, "text": text, "next": next_step}, status=status)
    if not request.htmx:
        return JsonResponse({"message": text}, status=status)
    words = format_html('{} <a href="{}">{}</a>', text, reverse(next_step[0]), next_step[1]) if next_step else text
    flash = render_to_string("partials/flash.html", {"message": Message(constants.ERROR, words)})
    headers = {"HX-Retarget": "#flash", "HX-Reswap": "innerHTML", "HX-Reselect": ".flash"}
    return HttpResponse(flash, status=status, headers=headers)
