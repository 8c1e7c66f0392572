"""Addresses of `models_app.batch`."""

from django.urls import path

from models_app.batch import create_views, views

urlpatterns = [
    path("batch/", views.batch, name="batch"),
    path("batch/create/", create_views.batch_create, name="batch_create"),
    path("batch/<str:name>/", views.transform, name="transform"),
    path("batch/<str:name>/stop/", views.transform_stop, name="transform_stop"),
    path("batch/<str:name>/retry/", views.transform_retry, name="transform_retry"),
]
