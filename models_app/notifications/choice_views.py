"""The forms of the page Preferences that store a person's notification choices."""

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from models_app.account.post_only import post_only
from models_app.account.preference_page import preference_page
from models_app.account.roles import Action, Role, requires, role_of
from models_app.models.notification import Channel, NotificationChoices, chosen_kinds
from models_app.notifications import announce, guarded_http


@post_only("preferences")
@requires(Action.OWN_ACCOUNT)
def notification_choices(request):
    """Store the channels of each kind of notification."""
    choices = _choices(request)
    chosen = set(request.POST.getlist("news"))
    choices.channels |= {
        kind.value: [channel.value for channel in Channel if f"{kind.value} {channel.value}" in chosen]
        for kind in chosen_kinds(role_of(request.user))
    }
    choices.everybodys = "everybodys" in request.POST and role_of(request.user) == Role.ADMINISTRATOR
    choices.save()
    return _saved(request)


@post_only("preferences")
@requires(Action.OWN_ACCOUNT)
def notification_email(request):
    """Store the e-mail address; an empty one turns e-mail off."""
    email = request.POST.get("email", "").strip()
    try:
        if email:
            validate_email(email)
        if len(email) > 254 or not email.isascii():
            raise ValidationError("too long")
    except ValidationError:
        error = _("This is no e-mail address. Write one like ada@example.com.")
        return preference_page(request, status=422, email=email, email_error=error)
    request.user.email = email
    request.user.save(update_fields=["email"])
    _choices(request).save()
    return _saved(request)


@post_only("preferences")
@requires(Action.OWN_ACCOUNT)
def webhook(request):
    """Store the address of one's webhook, renew its secret or remove it. Only this response shows a new secret."""
    choices = _choices(request)
    url = request.POST.get("webhook_url", "").strip()
    if "renew" in request.POST and choices.webhook_url:
        secret = choices.renew_secret()
        choices.save()
        return preference_page(request, secret=secret)
    if not url or "remove" in request.POST:
        choices.webhook_url = choices.webhook_secret = ""
        choices.save()
        return _saved(request)
    try:
        guarded_http.check_url(url, settings.WEBHOOK_HOSTS)
    except guarded_http.Forbidden as e:
        return preference_page(request, status=422, webhook_url=url, webhook_error=e.why)
    is_new, choices.webhook_url = not choices.webhook_secret, url
    secret = choices.renew_secret() if is_new else ""
    choices.save()
    return preference_page(request, secret=secret) if is_new else _saved(request)


@post_only("preferences")
@requires(Action.OWN_ACCOUNT)
def notification_test(request):
    """Send a test on every channel outside of the console."""
    if announce.test(request.user):
        messages.info(request, _("A test is on its way. What became of it is beside the address in a moment."))
    else:
        messages.warning(request, _("Nothing was sent: no channel is set up, or it has had its 60 of this hour."))
    return redirect("preferences")


def _choices(request) -> NotificationChoices:
    choices = NotificationChoices.of(request.user)
    choices.language = get_language() or settings.LANGUAGE_CODE
    return choices


def _saved(request) -> HttpResponse:
    words = _("Saved.")
    if request.htmx:
        return render(request, "partials/flash.html", {"message": Message(constants.SUCCESS, words)})
    messages.success(request, words)
    return redirect("preferences")
