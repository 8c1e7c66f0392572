"""Addresses of `models_app.account`."""

from django.urls import path

from models_app.account import session_views, views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("session/", views.session, name="session"),
    path("sessions/", session_views.sessions, name="sessions"),
    path("sessions/end/", session_views.sessions_end, name="sessions_end"),
    path("sessions/<str:session_id>/end/", session_views.session_end, name="session_end"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("preferences/", views.preferences, name="preferences"),
    path("healthz/", views.healthz, name="healthz"),
]
