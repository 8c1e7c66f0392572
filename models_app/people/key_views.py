"""Everybody's own access keys; administrators see and stop those of others."""

import logging

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from models_app.account.post_only import post_only
from models_app.account.roles import Action, may, requires
from models_app.people import access_keys
from models_app.people.access_keys import Key, NewKey
from models_app.people.exports import exports
from models_app.problems import Problem
from models_app.web.errors import Gone
from models_app.web.listing import Listing

log = logging.getLogger(__name__)


@require_GET
@requires(Action.OWN_ACCOUNT)
def keys(request):
    """A person's own access keys."""
    return _key_list(request)


@post_only("keys")
@requires(Action.OWN_ACCOUNT)
def key_create(request):
    """Create a key of one's own. The response shows the secret, this once: a redirect would have to store it."""
    if not access_keys.are_ours():
        raise Http404("keys come from IAM")
    label = request.POST.get("label", "")
    try:
        key = access_keys.create(request.user, label)
    except Problem as problem:
        return _key_list(request, label=label, problem=problem, status=422)
    log.info("%r created the access key %s", request.user.get_username(), key.id)
    return _key_list(request, new=key)


@require_http_methods(["GET", "POST"])
@requires(Action.OWN_ACCOUNT)
def key_stop(request, pk, key_id):
    """A page that asks; the POST stops the key."""
    return _change(request, pk, key_id, "people/key_stop.html", _("Key %(name)s is stopped."), _stop)


@post_only("keys")
@requires(Action.OWN_ACCOUNT)
def key_start(request, pk, key_id):
    """POST lets a disabled key work again."""
    return _change(request, pk, key_id, "", _("Key %(name)s works again."), _start)


@require_http_methods(["GET", "POST"])
@requires(Action.OWN_ACCOUNT)
def key_delete(request, pk, key_id):
    """A page that asks; the POST deletes the key."""
    return _change(request, pk, key_id, "people/key_delete.html", _("Key %(name)s is deleted."), access_keys.delete)


def _stop(owner: User, key_id: str) -> None:
    access_keys.set_active(owner, key_id, False)


def _start(owner: User, key_id: str) -> None:
    access_keys.set_active(owner, key_id, True)


def _change(request, pk: int, key_id: str, template: str, done: str, verb):
    if pk != request.user.pk and not may(request.user, Action.ADMINISTER):
        raise Http404("no key of one's own")
    gone = Gone(_("There is no such key. It was deleted."), ("keys", _("View keys")))
    owner = get_user_model().objects.filter(pk=pk).first()
    if owner is None:
        raise gone
    try:
        key = access_keys.find(owner, key_id)
        if key is None:
            raise gone
        if request.method == "POST":
            verb(owner, key_id)
            done_by, action = request.user.get_username(), request.resolver_match.url_name
            log.info("%s of %s of %r by %r", action, key_id, owner.get_username(), done_by)
            messages.success(request, done % {"name": key.label or key.id})
            return redirect("keys")
    except Problem as refused:
        messages.error(request, str(refused))
        return redirect("keys")
    return render(request, template, {"key": key, "owner": owner})


def _key_list(request, label: str = "", problem: Problem | None = None, new: NewKey | None = None, status: int = 200):
    """The page of keys; an engine that does not answer leaves an alert, not an error page."""
    own: list[Key] = []
    others: list[tuple[User, Key]] = []
    listing, outage = None, None
    if access_keys.are_ours():
        users = get_user_model().objects.exclude(pk=request.user.pk)
        try:
            own = access_keys.keys_of(request.user)
            if may(request.user, Action.ADMINISTER):
                listing = Listing.from_url(request, users, search=("username",), sorts=("username",))
                others = [(user, key) for user in listing.rows for key in access_keys.keys_of(user)]
        except Problem as unavailable:
            outage = unavailable
    context = {
        "keys_are_ours": access_keys.are_ours(),
        "own": own,
        "others": others,
        "list": listing,
        "outage": outage,
        "label": label,
        "problem": problem,
        "new": new,
        "exports": exports(new) if new else [],
        "is_administrator": may(request.user, Action.ADMINISTER),
    }
    return render(request, "people/keys.html", context, status=status)
