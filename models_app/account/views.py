"""Signing in and out, choosing a password, and how a person likes the console to look."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.permissions import Action, lowest_role
from models_app.account.forms import PasswordForm, SignInForm
from models_app.account.places import remember_browser
from models_app.account.preferences import PREFERENCES
from models_app.account.roles import requires

YEAR = 365 * 86400


class SignIn(LoginView):
    """The page a stranger sees. Wrong passwords are counted; see `models_app.account.throttle`."""

    form_class = SignInForm
    template_name = "account/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if form.cleaned_data["keep"] else 0)
        remember_browser(self.request, response, form.cleaned_data["username"])
        return response

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangePassword(PasswordChangeView):
    """A new password; the first one of their own for a person who came with a one-time password."""

    form_class = PasswordForm
    template_name = "account/password_change.html"
    success_url = reverse_lazy("dashboard")
    role = lowest_role(Action.OWN_ACCOUNT)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"session_key": self.request.session.session_key or ""}

    def form_valid(self, form):
        response = super().form_valid(form)
        person = getattr(self.request.user, "person", None)
        if person and person.one_time_password:
            person.one_time_password = False
            person.save(update_fields=["one_time_password"])
        messages.success(self.request, _("Your password is changed."))
        return response

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
@requires(Action.OWN_ACCOUNT)
def sign_out(request):
    """End the session, and have the browser forget what scripts stored of its pages."""
    logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@login_not_required
def admin_sign_in(request):
    """Where Django's admin sends whoever may not see it: to the one sign-in page, or away."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("The admin shows rows of the database to staff, such as the first administrator."))
    return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index")))


@requires(Action.OWN_ACCOUNT)
def admin_password(request):
    """The admin's link to change the password leads to the console's page, which counts tries."""
    return redirect("password_change")


@login_not_required
@require_POST
def preferences(request):
    """Keep theme, row height, shortcuts or language in a cookie, then go back to where the person was."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    for name, values in PREFERENCES.items():
        if (value := request.POST.get(name)) in values:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax")
    return response


@login_not_required
@require_GET
def healthz(request):
    """For load balancers: this process answers. It asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")
