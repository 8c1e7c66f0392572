"""Addresses of `models_app.home`."""

from django.urls import path

from models_app.home import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("search/", views.search, name="search"),
]
