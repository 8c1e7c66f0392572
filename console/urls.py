"""Every address of the console."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("models_app.urls")),
]

handler403 = "models_app.web.errors.forbidden"
handler404 = "models_app.web.errors.not_found"
handler500 = "models_app.web.errors.failed"
