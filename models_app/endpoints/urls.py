"""Addresses of `models_app.endpoints`."""

from django.urls import path

from models_app.endpoints import capture_views, load_test_views, log_views, stop_views, traffic_views, views

urlpatterns = [
    path("endpoints/", views.endpoints, name="endpoints"),
    path("endpoints/-/stop/", stop_views.endpoints_stop, name="endpoints_stop"),
    path("endpoints/<str:name>/", views.endpoint, name="endpoint"),
    path("endpoints/<str:name>/invoke/", views.endpoint_invoke, name="endpoint_invoke"),
    path("endpoints/<str:name>/traffic/", traffic_views.endpoint_traffic, name="endpoint_traffic"),
    path("endpoints/<str:name>/capture/", capture_views.endpoint_capture, name="endpoint_capture"),
    path(
        "endpoints/<str:name>/capture/change/",
        capture_views.endpoint_capture_change,
        name="endpoint_capture_change",
    ),
    path("endpoints/<str:name>/load/", load_test_views.endpoint_load_test, name="endpoint_load_test"),
    path("endpoints/<str:name>/load/run/", load_test_views.endpoint_load_test_run, name="endpoint_load_test_run"),
    path("endpoints/<str:name>/logs/", log_views.endpoint_logs, name="endpoint_logs"),
    path("endpoints/<str:name>/requests/", views.endpoint_requests, name="endpoint_requests"),
    path("endpoints/<str:name>/delete/", views.endpoint_delete, name="endpoint_delete"),
]
