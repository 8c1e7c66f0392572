"""What every page's shell shows: product name, which SageMaker, preferences, counts in the navigation."""

from django.conf import settings
from django.utils.translation import get_language

from models_app.account import live_token, roles
from models_app.account.preferences import DENSITIES, SHORTCUTS, THEMES
from models_app.models import Endpoint, Model, Notification, TrainingJob
from models_app.web import disk
from models_app.web.counts import count_of, counted

PRODUCT = "Sagewright"
MOST_UNREAD = 100  # that are counted


def shell(request) -> dict:
    """The variables base.html needs. Counts are asked for only where a template prints them."""
    context = {
        "product": PRODUCT,
        "backend": settings.BACKEND,
        "region": settings.REGION,
        "theme": choice(request, "theme", THEMES),
        "density": choice(request, "density", DENSITIES),
        "shortcuts": choice(request, "shortcuts", SHORTCUTS),
        "other_languages": tuple((code, name) for code, name in settings.LANGUAGES if code != get_language()),
    }
    user = getattr(request, "user", None)
    if not user or not user.is_authenticated:
        return context
    match = request.resolver_match
    return context | {
        "signed_in": True,
        "role": roles.role_of(user),
        "role_title": roles.Role(roles.role_of(user)).label,
        "room": match.func.__module__.split(".")[1] if match else "",  # of the view: models_app.<room>....
        "keeps_signed_in": not request.session.get_expire_at_browser_close(),
        "disk": lambda: disk.notice(user),
        "unread_notes": lambda: unread_notes(user),
        "live_url": live_token.stream_url(request),
        **navigation_counts(),
    }


def unread_notes(user) -> int:
    """How many notifications of `user` are new; counted to a hundred."""
    return Notification.objects.filter(user=user, read=None, in_bell=True)[:MOST_UNREAD].count()


def navigation_counts() -> dict:
    """What the side navigation counts, the same for everybody; asked for when it is printed."""
    return {
        "nav_models": lambda: counted(Model.objects.filter(deleting=False), ("models", "all")),
        "nav_running": lambda: _running(),
        "nav_endpoints": lambda: counted(Endpoint.objects.all(), ("endpoints", "all")),
    }


def _running() -> str | int:
    count = count_of(TrainingJob.objects.filter(status__in=TrainingJob.LIVE), ("jobs", "running"))
    return str(count) if count.number else 0


def choice(request, cookie: str, values: tuple[str, ...]) -> str:
    """Return what the person's browser chose, the first of `values` where it chose nothing. Asks no database."""
    value = request.COOKIES.get(cookie, "")
    return value if value in values else values[0]
