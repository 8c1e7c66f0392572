"""Addresses of `models_app.help`."""

from django.urls import path

from models_app.help import views

urlpatterns = [
    path("help/", views.help_index, name="help"),
    path("help/<path:page>/", views.help_page, name="help_page"),
]
