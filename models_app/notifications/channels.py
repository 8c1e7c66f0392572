"""The channels outside of the console that are set up, for everybody and for one person."""

from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now

from models_app.models import Delivery
from models_app.models.notification import Channel, NotificationChoices

MOST_AN_HOUR = 60  # on one channel of one person; the bell has the rest


def has_mail_server() -> bool:
    """True if a mail server is set up."""
    return bool(settings.EMAIL_HOST)


def outside_channels(user) -> list[Channel]:
    """The channels other than the bell on which `user` can be reached now."""
    choices = NotificationChoices.of(user)
    channels = [Channel.EMAIL] if has_mail_server() and user.email else []
    channels += [Channel.WEBHOOK] if choices.webhook_url else []
    recent = Delivery.objects.filter(notification__user=user, created__gt=now() - timedelta(hours=1))
    return [channel for channel in channels if recent.filter(channel=channel).count() < MOST_AN_HOUR]
