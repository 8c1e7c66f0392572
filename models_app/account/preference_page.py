"""The page Preferences: how the console looks to a person, and what news reaches them."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from common.db.person import role_of
from models_app.account.preferences import CLOCKS, DENSITIES, THEMES
from models_app.models import Delivery
from models_app.models.notification import Channel, NotificationChoices, chosen_kinds


def preference_page(request, status: int = 200, **more) -> HttpResponse:
    """The page; `more` is what a form that it holds adds: what was typed, its error, a secret that is shown once."""
    choices = NotificationChoices.of(request.user)
    context = {
        "themes": [(THEMES[0], _("As the device")), (THEMES[1], _("Light")), (THEMES[2], _("Dark"))],
        "densities": [(DENSITIES[0], _("Comfortable")), (DENSITIES[1], _("Compact"))],
        "news": [(kind.value, kind.label, _ways(choices, kind)) for kind in chosen_kinds(role_of(request.user))],
        "channels": [channel.label for channel in Channel],
        "has_mail": bool(settings.EMAIL_HOST),
        "email": request.user.email,
        "webhook_url": choices.webhook_url,
        "is_saved": bool(choices.webhook_url),
        "everybodys": choices.everybodys,
        "last": {channel: _last(request.user, channel) for channel in (Channel.EMAIL, Channel.WEBHOOK)},
        "clock": request.COOKIES.get("clock", CLOCKS[0]),
        "zone": get_current_timezone_name(),
        "days": settings.NOTIFICATION_DAYS,
    }
    return render(request, "account/preferences.html", context | more, status=status)


def _ways(choices: NotificationChoices, kind: str) -> list[tuple[str, str, bool]]:
    return [(f"{kind} {channel.value}", str(channel.label), choices.wants(kind, channel)) for channel in Channel]


def _last(user, channel: str) -> Delivery | None:
    """The last delivery that was tried."""
    tried = Delivery.objects.filter(notification__user=user, channel=channel, attempt__gt=0)
    return tried.order_by("-pk").first()
