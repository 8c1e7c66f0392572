"""Addresses of `models_app.costs`."""

from django.urls import path

from models_app.costs import views

urlpatterns = [path("budget/", views.budget, name="budget")]
