"""The people of the console: list, invite, change the role, disable, remove."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from common.db.person import Role, role_of
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.models import Invitation
from models_app.people import access_keys, actions
from models_app.people.forms import DAYS, InviteForm, RoleForm
from models_app.people.presenters import PersonRow, role_choices
from models_app.problems import Problem
from models_app.web.errors import Gone
from models_app.web.listing import Listing
from models_app.web.render import render_page

INVITED = Q(is_active=False, password__startswith="!")  # noqa: S106 (Django's mark of a password that opens nothing)
LONG_AGO = timedelta(days=30)


@require_GET
@requires(Action.ADMINISTER)
def people(request):
    """Everybody who may sign in, was invited or is disabled."""
    before = now() - LONG_AGO
    idle = Q(last_login__lt=before) | Q(last_login=None, date_joined__lt=before)
    listing = Listing.from_url(
        request,
        get_user_model().objects.select_related("person", "invitation"),
        search=("username",),
        sorts=("username", "-date_joined"),
        views=(
            ("all", gettext_lazy("All"), Q()),
            ("invited", gettext_lazy("Invited"), INVITED),
            ("idle", gettext_lazy("Not seen for 30 days"), Q(is_active=True) & idle),
            ("disabled", gettext_lazy("Disabled"), Q(is_active=False) & ~INVITED),
        ),
    )
    return render(request, "people/list.html", {"list": listing, "rows": _rows(listing.rows)})


@require_http_methods(["GET", "POST"])
@requires(Action.ADMINISTER)
def invite(request):
    """The form for an invitation; the response to a POST shows the link, this once."""
    form = InviteForm(request.POST or None, initial={"role": Role.EDITOR, "days": 7})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            fields = form.cleaned_data
            try:
                user, secret = actions.invite(request.user, fields["username"], fields["role"], fields["days"])
            except Problem as problem:
                form.add_error(problem.field or None, problem.message)
            else:
                return _show_link(request, user, secret)
    role = request.GET.get("role") or form["role"].value()
    context = {"form": form, "roles": role_choices(role), "days": DAYS.items(), "name": request.GET.get("username", "")}
    return render_page(request, "people/invite.html", context, part="people/_invite_dialog.html", status=status)


@require_GET
@requires(Action.ADMINISTER)
def person(request, pk):
    """One person: role, keys, and what an administrator can do."""
    return _person_page(request, _find(pk))


@post_only("person", "pk")
@requires(Action.ADMINISTER)
def person_role(request, pk):
    """POST gives a person another role."""
    user, form = _find(pk), RoleForm(request.POST)
    if not form.is_valid():
        return _person_page(request, user, Problem(_("Choose one of the roles.")), 422)
    try:
        actions.set_role(request.user, user, form.cleaned_data["role"])
    except Problem as problem:
        return _person_page(request, _find(pk), problem, 422)
    messages.success(request, _("%(name)s is %(role)s now.") % {"name": user, "role": Role(role_of(_find(pk))).label})
    return redirect("person", pk=pk)


@post_only("person", "pk")
@requires(Action.ADMINISTER)
def person_link(request, pk):
    """A new link for a person who was invited, or lost the password; it is shown this once."""
    user = _find(pk)
    try:
        secret = actions.renew_link(request.user, user, days=7)
    except Problem as problem:
        return _person_page(request, user, problem, 422)
    return _show_link(request, user, secret)


@post_only("person", "pk")
@requires(Action.ADMINISTER)
def person_disable(request, pk):
    """POST disables a person: sessions end, and keys stop to work."""
    user = _find(pk)
    try:
        actions.disable(request.user, user)
    except Problem as problem:
        return _person_page(request, _find(pk), problem, 422)
    messages.success(request, _("%(name)s is disabled: signed out everywhere, and keys are refused.") % {"name": user})
    return redirect("person", pk=pk)


@post_only("person", "pk")
@requires(Action.ADMINISTER)
def person_enable(request, pk):
    """POST lets a disabled person sign in again."""
    user = _find(pk)
    actions.enable(request.user, user)
    messages.success(request, _("%(name)s may sign in again, and the keys of %(name)s work.") % {"name": user})
    return redirect("person", pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Action.ADMINISTER)
def person_remove(request, pk):
    """A page that asks; the POST removes the person."""
    user, problem = _find(pk), None
    if request.method == "POST":
        name = user.get_username()
        try:
            actions.remove(request.user, user)
        except Problem as refused:
            user, problem = _find(pk), refused
        else:
            messages.success(request, _("%(name)s is removed.") % {"name": name})
            return redirect("people")
    context = {"person": PersonRow(user), "problem": problem}
    return render(request, "people/remove.html", context, status=422 if problem else 200)


def _find(pk: int) -> User:
    if user := get_user_model().objects.select_related("person", "invitation").filter(pk=pk).first():
        return user
    raise Gone(_("There is no such person. They were removed."), ("people", _("View people")))


def _rows(users: list[User]) -> list[PersonRow]:
    """The users as rows, with the number of their active keys as far as the engine answers."""
    counts: dict[int, int] = {}
    if access_keys.are_ours():
        try:
            for user in users:
                counts[user.pk] = sum(key.active for key in access_keys.keys_of(user, last_used=False))
        except Problem:
            counts = {}
    return [PersonRow(user, counts.get(user.pk)) for user in users]


def _person_page(request, user: User, problem: Problem | None = None, status: int = 200):
    keys, outage = [], None
    if access_keys.are_ours():
        try:
            keys = access_keys.keys_of(user)
        except Problem as unavailable:
            outage = unavailable
    context = {
        "person": PersonRow(user),
        "roles": role_choices(role_of(user)),
        "problem": problem,
        "keys": keys,
        "outage": outage,
        "keys_are_ours": access_keys.are_ours(),
    }
    return render(request, "people/person.html", context, status=status)


def _show_link(request, user: User, secret: str):
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    context = {"person": PersonRow(user), "link": link, "expires": Invitation.objects.get(user=user).expires}
    return render(request, "people/link.html", context)
