"""Sends a notification as a signed request, as Standard Webhooks (standardwebhooks.com) describe it."""

import base64
import hashlib
import hmac
import json
import time

from django.conf import settings

from common.messages import _
from models_app.models import Delivery
from models_app.models.notification import NotificationChoices
from models_app.notifications import guarded_http
from models_app.notifications.undelivered import Undelivered
from models_app.notifications.words import note_of

PREFIX = "whsec_"
GONE = 410


def send_webhook(delivery: Delivery) -> None:
    """POST `delivery` to the address of its person. Raises Undelivered. The response body is not read."""
    choices = NotificationChoices.of(delivery.notification.user)
    if not choices.webhook_url:
        raise Undelivered(_("There is no webhook any more."), is_final=True)
    body = body_of(delivery)
    key, at = f"msg_{delivery.uuid.hex}", int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"sagewright/{settings.VERSION}",
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(choices.webhook_secret, key, at, body),
    }
    try:
        status = guarded_http.post(choices.webhook_url, body, headers, settings.WEBHOOK_HOSTS)
    except guarded_http.Forbidden as e:
        raise Undelivered(e.why, is_final=True) from e
    except OSError as e:
        raise Undelivered(_("The receiver of the webhook did not answer.")) from e
    if status == GONE:
        raise Undelivered(_("The receiver of the webhook wants no more."), is_final=True)
    if not 200 <= status < 300:
        raise Undelivered(_("The receiver of the webhook did not take it."))


def body_of(delivery: Delivery) -> bytes:
    """The JSON of a delivery: type, timestamp, data {name, title, detail, url}."""
    row = delivery.notification
    note = note_of(row)
    data = {"name": row.name, "title": note.title, "detail": note.detail, "url": note.absolute_url}
    event = {"type": row.kind, "timestamp": row.at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False).encode()


def signature(secret: str, key: str, at: int, body: bytes) -> str:
    """The value of webhook-signature: "v1," and HMAC-SHA256 over id, timestamp and body in base64."""
    signed = f"{key}.{at}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
