"""The page behind the link of an invitation: choose a password, and be signed in."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from models_app.account.request_source import remember_browser
from models_app.people import actions


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request, secret):
    """GET changes nothing, so that a program that looks at links in messages does not use one up."""
    invitation = actions.find_invitation(secret)
    if invitation is None:
        return render(request, "people/invitation_over.html", status=410)
    form = SetPasswordForm(invitation.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.accept(secret, form.cleaned_data["new_password1"])
        if user is None:  # another browser was faster
            return render(request, "people/invitation_over.html", status=410)
        login(request, user, "django.contrib.auth.backends.ModelBackend")
        messages.success(request, _("Welcome, %(name)s. Your password is set.") % {"name": user})
        response = redirect("dashboard")
        remember_browser(request, response, user.get_username())
        return response
    status = 422 if form.errors else 200
    return render(
        request, "people/invitation.html", {"form": form, "name": invitation.user.get_username()}, status=status
    )
