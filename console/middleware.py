"""What every request passes: the response headers of pages, and panics of libraries as errors."""

from urllib.parse import urlsplit

from django.conf import settings

from common.panics import panics_as_errors


def content_security_policy(get_response):
    """Nothing inline and nothing foreign; only the live stream may be another origin."""
    live = "{0.scheme}://{0.netloc}".format(urlsplit(settings.LIVE_URL))
    policy = (
        "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; object-src 'none'; "
        f"connect-src 'self' {live}; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def private_pages(get_response):
    """Keep what a signed-in person sees out of every cache, or the Back button would show it to the next person."""

    def middleware(request):
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def answered_panics(get_response):
    """Let Django answer a panic of a Rust library as any other error; by itself it answers nothing but Exceptions.

    It comes last: what is around it sees the answer.
    """

    def middleware(request):
        with panics_as_errors():
            return get_response(request)

    return middleware
