"""Who gets a page: signed-in people, with a password of their own; and in whose time zone it is."""

import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from models_app.account.preferences import LANGUAGES
from models_app.account.scripts import LANGUAGE, PERSON, POLL, is_script, signed_out

ZONE_COOKIE = "zone"
_ACTIVE = "active"  # in the session: the second of the Unix clock at which its person last asked for something


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends a stranger to the sign-in page. A script gets 401 instead: the sign-in page is no part of its page.

    A script of a page that was made for another person gets 401 too: a second tab may have signed that one out.
    """

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Answer 401 to a part of a page that another person had open in this browser."""
        page_of = request.headers.get(PERSON)
        if page_of and getattr(view_func, "login_required", True) and page_of != str(request.user.pk):
            return signed_out()
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        """Answer 401 to scripts, and lead browsers to the sign-in page."""
        return signed_out() if is_script(request) else super().handle_no_permission(request, view_func)


def idle_limit(get_response):
    """End the session of a person who has asked for nothing for `settings.IDLE_LIMIT` seconds; 0 is no limit.

    What an open page asks for by itself is no sign of its person.
    """

    def middleware(request):
        if (limit := settings.IDLE_LIMIT) and request.user.is_authenticated:
            at = time.time()
            idle = at - request.session.setdefault(_ACTIVE, at)
            if idle > limit:
                logout(request)
            elif POLL not in request.headers and request.path != reverse("session") and idle > limit / 60:
                request.session[_ACTIVE] = at
        return get_response(request)

    return middleware


def own_password_first(get_response):
    """Send a person who still has a one-time password to the page that replaces it."""

    def middleware(request):
        user = request.user
        if user.is_authenticated and not request.path.startswith("/static/"):
            free = (reverse("password_change"), reverse("logout"), reverse("session"))
            person = getattr(user, "person", None)
            if person and person.one_time_password and request.path not in free:
                if is_script(request):
                    return HttpResponse(status=204, headers={"HX-Redirect": reverse("password_change")})
                return redirect("password_change")
        return get_response(request)

    return middleware


def page_language(get_response):
    """Answer a script in the language of its page, whatever the person has chosen in another tab since."""

    def middleware(request):
        language = request.headers.get(LANGUAGE)
        if language not in LANGUAGES:
            return get_response(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            return get_response(request)

    return middleware


def time_zone(get_response):
    """Show times in the zone that the browser named in a cookie (static/theme.js), in UTC where it named none.

    A person who prefers UTC gets UTC.
    """

    def middleware(request):
        prefers_utc = request.COOKIES.get("clock") == "utc"
        with timezone.override(_zone("" if prefers_utc else request.COOKIES.get(ZONE_COOKIE, ""))):
            return get_response(request)

    return middleware


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of the zone database
        return ZoneInfo("UTC")
