"""Background work on notifications."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from models_app.models import Notification
from models_app.notifications.delivery import DELIVERY

BATCH = 5000


@shared_task
def deliver(delivery_id: int) -> None:
    """Send one notification on one channel."""
    DELIVERY.perform(delivery_id)


@shared_task
def prune() -> None:
    """Delete the notifications that are older than SAGEWRIGHT_NOTIFICATION_DAYS, a batch at a time."""
    old = Notification.objects.filter(at__lt=now() - timedelta(days=settings.NOTIFICATION_DAYS))
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        Notification.objects.filter(pk__in=batch).delete()
