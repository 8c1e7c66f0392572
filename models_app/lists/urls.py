"""Addresses of `models_app.lists`."""

from django.urls import path

from models_app.lists import bulk, views

urlpatterns = [
    path(f"{of}/-/{address}", view, {"of": of}, name=f"{of}_{name}")
    for of in ("jobs", "models", "batch", "tuning")
    for address, view, name in (
        ("columns/", views.columns, "columns"),
        ("views/", views.saved_views, "views"),
        ("views/<int:pk>/delete/", views.view_delete, "view_delete"),
        ("list.csv", views.csv_file, "csv"),
    )
] + [
    path("jobs/-/stop/", bulk.jobs_stop, name="jobs_stop"),
    path("jobs/-/delete/", bulk.jobs_delete, name="jobs_delete"),
    path("jobs/-/retry/", bulk.jobs_retry, name="jobs_retry"),
    path("tuning/-/stop/", bulk.tuning_stop, name="tunings_stop"),
    path("tuning/-/delete/", bulk.tuning_delete, name="tunings_delete"),
    path("batch/-/stop/", bulk.batch_stop, name="batch_stop"),
]
