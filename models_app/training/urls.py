"""Addresses of `models_app.training`."""

from django.urls import path

from models_app.training import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<str:name>/", views.job, name="job"),
    path("jobs/<str:name>/log/", views.job_log, name="job_log"),
    path("jobs/<str:name>/members/", views.job_members, name="job_members"),
    path("jobs/<str:name>/usage/", views.job_usage, name="job_usage"),
    path("jobs/<str:name>/stop/", views.job_stop, name="job_stop"),
    path("jobs/<str:name>/retry/", views.job_retry, name="job_retry"),
]
