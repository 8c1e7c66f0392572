"""Requests that a script of a page sends. They get statuses and words, never a whole page in place of a part."""

from django.http import HttpResponse

PERSON = "X-Person"  # the header in which a page's scripts name the person the page was made for (base.html)
LANGUAGE = "X-Language"  # and the language of the page
POLL = "X-Poll"  # the header of what a page asks for by itself (static/live.js)


def is_script(request) -> bool:
    """True for a request of htmx or of another script of a page; False for one that loads a page."""
    return bool(getattr(request, "htmx", False)) or PERSON in request.headers


def signed_out() -> HttpResponse:
    """The answer to a script whose page's person is not signed in: static/session.js asks them to sign in again."""
    return HttpResponse(status=401)
