"""Sends a notification as an e-mail."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from common.messages import _
from models_app.models import Delivery
from models_app.notifications.undelivered import Undelivered
from models_app.notifications.words import note_of


def send_mail(delivery: Delivery) -> None:
    """Send `delivery` in the language that is active. Raises Undelivered."""
    row = delivery.notification
    note = note_of(row)
    footer = _("Which news you get is up to you: %(url)s") % {"url": f"{settings.WEB_URL}{reverse('preferences')}"}
    body = "\n\n".join(filter(None, (note.title, note.detail, note.absolute_url, footer)))
    host = row.user.email.rpartition("@")[2]
    message = EmailMessage(
        " ".join(f"Sagewright: {note.title}".split()),
        body,
        to=[row.user.email],
        headers={"Message-ID": f"<{delivery.uuid}@sagewright.{host}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as e:
        raise Undelivered(_("The mail server does not take mail for this address."), is_final=True) from e
    except (OSError, smtplib.SMTPException) as e:
        raise Undelivered(_("The mail server did not take the mail.")) from e
