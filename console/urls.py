"""Every address of the console."""

from django.contrib import admin
from django.urls import include, path

from models_app.account import views as account

urlpatterns = [
    path("admin/login/", account.admin_sign_in, name="admin_login"),
    path("admin/logout/", account.sign_out, name="admin_logout"),
    path("admin/password_change/", account.admin_password, name="admin_password"),
    path("admin/", admin.site.urls),
    path("", include("models_app.urls")),
]

handler400 = "models_app.web.errors.bad_request"
handler403 = "models_app.web.errors.forbidden"
handler404 = "models_app.web.errors.not_found"
handler500 = "models_app.web.errors.failed"
