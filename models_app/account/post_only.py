"""Addresses that only act: what they show to a person who opens one."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect


def post_only(page: str, *arguments: str, method: str = "POST") -> Callable:
    """A view that takes `method` alone. A GET, as after signing in or from the history, leads to `page`.

    `page` is the name of an address, `arguments` are those of the view that it takes too.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.method == method:
                return view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD"):
                return redirect(page, **{name: kwargs[name] for name in arguments})
            return HttpResponseNotAllowed([method])

        guarded.method = method  # type: ignore[attr-defined]
        return guarded

    return decorate
