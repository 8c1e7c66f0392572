"""A one-time password opens one page: the one to choose your own."""

from django.shortcuts import redirect
from django.urls import reverse


def own_password_first(get_response):
    """Send a person who still has a one-time password to the page that replaces it."""

    def middleware(request):
        user = request.user
        if user.is_authenticated and not request.path.startswith("/static/"):
            free = (reverse("password_change"), reverse("logout"))
            person = getattr(user, "person", None)
            if person and person.one_time_password and request.path not in free:
                return redirect("password_change")
        return get_response(request)

    return middleware
