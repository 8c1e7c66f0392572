"""The pages for what may not be seen, is not there, or failed."""

from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from models_app.account import roles


def forbidden(request, exception):
    """Says which role is missing and who can give it."""
    words = str(exception) or _("An administrator can change what you may do under People and keys.")
    if request.user.is_authenticated:
        words += " " + _("Your role is %(role)s.") % {"role": roles.Role(roles.role_of(request.user)).label}
    return _page(request, _("You may not do this"), words, 403)


def form_expired(request, reason=""):
    """Django's answer to a form without a valid CSRF token, in words a person can act on."""
    words = _("The form was open too long, or cookies are off. Go back, reload the page and send it again.")
    return _page(request, _("This form has expired"), words, 403)


def not_found(request, exception):
    words = _("Nothing has the address %(path)s. It may have been deleted, or the name is spelled differently.")
    return _page(request, _("Not found"), words % {"path": request.path}, 404)


def failed(request):
    """As little as possible: whatever broke may be broken here too."""
    return TemplateResponse(request, "errors/500.html", status=500).render()


def _page(request, title: str, text: str, status: int):
    return render(request, "errors/page.html", {"title": title, "text": text}, status=status)
