"""Sends a claimed delivery on its channel, in its person's language, and says when it is tried again."""

from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim, Unfinished
from common.messages import _
from models_app.models import Delivery
from models_app.models.notification import Channel, NotificationChoices
from models_app.notifications.channels import has_mail_server
from models_app.notifications.delivery import BACK_OFF
from models_app.notifications.mail import send_mail
from models_app.notifications.undelivered import Undelivered
from models_app.notifications.webhook import send_webhook

Status = Delivery.Status


def deliver(claim: Claim[Delivery]) -> None:
    """Send the claimed delivery. Raises Unfinished when it did not arrive and is tried again."""
    delivery = claim.row
    user = delivery.notification.user
    try:
        with translation.override(NotificationChoices.of(user).language or settings.LANGUAGE_CODE):
            delivery.notification.refresh_from_db(fields=["detail"])  # it is read in the language that is active
            _send(delivery)
    except Undelivered as e:
        if e.is_final or delivery.attempt > len(BACK_OFF):
            claim.move_to(Status.FAILED, problem=e.why, **UNCLAIMED)
            return
        due = now() + timedelta(seconds=BACK_OFF[delivery.attempt - 1])
        claim.update(problem=e.why, due=due)
        # Other deliveries to the same receiver would fail in the same way.
        others = Delivery.objects.filter(Delivery.DUE, channel=delivery.channel, notification__user=user, worker="")
        others.update(due=due)
        raise Unfinished(e.why) from e
    claim.move_to(Status.SENT, problem="", **UNCLAIMED)


def _send(delivery: Delivery) -> None:
    user = delivery.notification.user
    if not user.is_active:
        raise Undelivered(_("The person is disabled."), is_final=True)
    if delivery.channel == Channel.WEBHOOK:
        send_webhook(delivery)
    elif user.email and has_mail_server():
        send_mail(delivery)
    else:
        raise Undelivered(_("There is no address or no mail server any more."), is_final=True)
