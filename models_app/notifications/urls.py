"""Addresses of `models_app.notifications`."""

from django.urls import path

from models_app.notifications import choice_views, views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.bell, name="notifications_bell"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/test/", choice_views.notification_test, name="notification_test"),
    path("notifications/choices/", choice_views.notification_choices, name="notification_choices"),
    path("notifications/email/", choice_views.notification_email, name="notification_email"),
    path("notifications/webhook/", choice_views.webhook, name="webhook"),
    path("notifications/<int:pk>/open/", views.notification_open, name="notification_open"),
]
