"""Addresses of `models_app.notebooks`."""

from django.urls import path

from models_app.notebooks import actions, views

urlpatterns = [
    path("notebooks/", views.notebooks, name="notebooks"),
    path("notebooks/create/", views.notebook_create, name="notebook_create"),
    path("notebooks/<str:name>/", views.notebook, name="notebook"),
    path("notebooks/<str:name>/open/", views.notebook_open, name="notebook_open"),
    path("notebooks/<str:name>/start/", actions.notebook_start, name="notebook_start"),
    path("notebooks/<str:name>/stop/", actions.notebook_stop, name="notebook_stop"),
    path("notebooks/<str:name>/keep/", actions.notebook_keep, name="notebook_keep"),
    path("notebooks/<str:name>/settings/", actions.notebook_settings, name="notebook_settings"),
    path("notebooks/<str:name>/delete/", actions.notebook_delete, name="notebook_delete"),
]
