"""The pages for what may not be seen, is not there, or failed; and the same in a line, for the scripts of a page."""

from typing import Any

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.account import roles
from models_app.account.scripts import is_script, signed_out

Step = tuple[str, Any]  # the name of an address, and the words of a link to it
DASHBOARD: Step = ("dashboard", gettext_lazy("Go to Dashboard"))


class Gone(Http404):
    """A thing that a page still shows and that was deleted since.

    `next_step` is where to go on.
    """

    def __init__(self, words: str, next_step: Step):
        super().__init__(words)
        self.next_step = next_step


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
    """As little as possible: whatever broke may be broken here too."""
    if is_script(request):
        words = _("Something failed on our side. The reason is in the log of the web process.")
        return _answer(request, "", words, 500)
    return TemplateResponse(request, "errors/500.html", status=500).render()


def _answer(request, title: str, text: str, status: int, next_step=DASHBOARD) -> HttpResponse:
    """A page for a person; a message above the page for htmx, which keeps the part it asked for; JSON for a script."""
    if not is_script(request):
        return render(request, "errors/page.html", {"title": title, "text": text, "next": next_step}, status=status)
    if not request.htmx:
        return JsonResponse({"message": text}, status=status)
    words = format_html('{} <a href="{}">{}</a>', text, reverse(next_step[0]), next_step[1])
    flash = render_to_string("partials/flash.html", {"message": Message(constants.ERROR, words)})
    headers = {"HX-Retarget": "#flash", "HX-Reswap": "innerHTML", "HX-Reselect": ".flash"}
    return HttpResponse(flash, status=status, headers=headers)
