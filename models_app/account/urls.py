"""Addresses of `models_app.account`."""

from django.urls import path

from models_app.account import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("session/", views.session, name="session"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("preferences/", views.preferences, name="preferences"),
    path("healthz/", views.healthz, name="healthz"),
]
