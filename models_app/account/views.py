"""Signing in and out, choosing a password, and how a person likes the console to look."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common.permissions import Action, lowest_role
from models_app.account import live_token
from models_app.account.forms import PasswordForm, SignInForm
from models_app.account.post_only import post_only
from models_app.account.preference_page import preference_page
from models_app.account.preferences import PREFERENCES
from models_app.account.request_source import remember_browser
from models_app.account.roles import requires
from models_app.account.scripts import signed_out
from models_app.models import NotificationChoices

YEAR = 365 * 86400


class SignIn(LoginView):
    """The page a stranger sees. Wrong passwords are counted; see `models_app.account.throttle`.

    To htmx it is the form of the dialog on a page whose session has ended (partials/sign_in.html).
    """

    form_class = SignInForm
    template_name = "account/login.html"

    def setup(self, request, *args, **kwargs):
        """Tell a dialog, which htmx asks for, from the page."""
        super().setup(request, *args, **kwargs)
        self.is_dialog = bool(request.htmx)
        self.redirect_authenticated_user = not self.is_dialog  # another person may have signed in in another tab

    def get(self, request, *args, **kwargs):
        """The page; a dialog has no page of its own."""
        return signed_out() if self.is_dialog else super().get(request, *args, **kwargs)

    def form_valid(self, form):
        """Sign in; a dialog gets an event instead of a page."""
        response = super().form_valid(form)
        if self.is_dialog:
            response = HttpResponse(status=204, headers={"HX-Trigger": "signed-in"})
        ends = now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)  # whatever the session stores in between
        self.request.session.set_expiry(ends if form.cleaned_data["keep"] else 0)
        remember_browser(self.request, response, form.cleaned_data["username"])
        return response

    def form_invalid(self, form):
        """The form again with its errors, as a page or as the dialog's content."""
        if self.is_dialog:
            context = {"form": form, "name": form.data.get("username", ""), "keep": form.data.get("keep")}
            return render(self.request, "partials/sign_in_form.html", context, status=422)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangePassword(PasswordChangeView):
    """A new password; the first one of their own for a person who came with a one-time password."""

    form_class = PasswordForm
    template_name = "account/password_change.html"
    success_url = reverse_lazy("dashboard")
    role = lowest_role(Action.OWN_ACCOUNT)

    def get_form_kwargs(self):
        """The session that stays signed in, besides Django's arguments."""
        return super().get_form_kwargs() | {"session_key": self.request.session.session_key or ""}

    def form_valid(self, form):
        """Set the password; a one-time password has done its work."""
        response = super().form_valid(form)
        person = getattr(self.request.user, "person", None)
        if person and person.one_time_password:
            person.one_time_password = False
            person.save(update_fields=["one_time_password"])
        messages.success(self.request, _("Your password is changed."))
        return response

    def form_invalid(self, form):
        """The page again with its errors, and status 422."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@login_not_required
@post_only("dashboard")
def sign_out(request):
    """End the session, which may have ended already, and have the browser forget what scripts stored of its pages."""
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
@never_cache
@require_GET
def session(request):
    """Who is signed in, for the scripts of a page that was open for long: {person, name, token, live}.

    `person` is "" for nobody; `token` is a new CSRF token, `live` the address of the stream.
    """
    user = request.user
    signed_in = user.is_authenticated
    return JsonResponse(
        {
            "person": str(user.pk) if signed_in else "",
            "name": user.get_username(),
            "token": get_token(request),
            "live": live_token.stream_url(request) if signed_in else "",
        }
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def preferences(request):
    """The page; a POST keeps theme, row height, shortcuts, clock or language in a cookie and goes back.

    Strangers choose theme and language on the sign-in page.
    """
    if request.method == "GET":
        return preference_page(request) if request.user.is_authenticated else redirect("dashboard")
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response: HttpResponse = redirect(back)
    if request.htmx:
        response = HttpResponse(status=204, headers={"HX-Refresh": "true"})
        messages.success(request, _("Saved."))
    for name, values in PREFERENCES.items():
        if (value := request.POST.get(name)) in values:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax")
            if name == "language" and request.user.is_authenticated:
                NotificationChoices.objects.update_or_create(user=request.user, defaults={"language": value})
    return response


@login_not_required
@require_GET
def healthz(request):
    """For load balancers: this process answers. It asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")
