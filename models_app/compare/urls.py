"""Addresses of `models_app.compare`."""

from django.urls import path

from models_app.compare import views

urlpatterns = [
    path("models/-/compare/", views.models_compare, name="models_compare"),
    path("models/-/compare.csv", views.models_compare_csv, name="models_compare_csv"),
    path("jobs/-/compare/", views.jobs_compare, name="jobs_compare"),
    path("jobs/-/compare.csv", views.jobs_compare_csv, name="jobs_compare_csv"),
]
