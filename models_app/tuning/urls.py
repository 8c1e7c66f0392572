"""Addresses of `models_app.tuning`."""

from django.urls import path

from models_app.tuning import views

urlpatterns = [
    path("tuning/", views.tunings, name="tuning"),
    path("tuning/<str:name>/", views.tuning_job, name="tuning_job"),
    path("tuning/<str:name>/delete/", views.tuning_delete, name="tuning_delete"),
    path("tuning/<str:name>/retry/", views.tuning_retry, name="tuning_retry"),
    path("tuning/<str:name>/stop/", views.tuning_stop, name="tuning_stop"),
]
