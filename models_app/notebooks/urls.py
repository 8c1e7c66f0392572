"""Addresses of `models_app.notebooks`."""

from django.urls import path

from models_app.notebooks import views

urlpatterns = [
    path("notebooks/", views.notebooks, name="notebooks"),
    path("notebooks/create/", views.notebook_create, name="notebook_create"),
    path("notebooks/<str:name>/", views.notebook, name="notebook"),
    path("notebooks/<str:name>/open/", views.notebook_open, name="notebook_open"),
    path("notebooks/<str:name>/start/", views.notebook_start, name="notebook_start"),
    path("notebooks/<str:name>/stop/", views.notebook_stop, name="notebook_stop"),
    path("notebooks/<str:name>/keep/", views.notebook_keep, name="notebook_keep"),
    path("notebooks/<str:name>/settings/", views.notebook_settings, name="notebook_settings"),
    path("notebooks/<str:name>/delete/", views.notebook_delete, name="notebook_delete"),
]
