"""Addresses of `models_app.tagging`."""

from django.urls import path

from models_app.tagging import bulk, views
from models_app.tagging.kinds import KINDS

urlpatterns = [
    address
    for of in KINDS
    for address in (
        path(f"{of}/-/tag/", bulk.tag, {"of": of}, name=f"{of}_tag"),
        path(f"{of}/<str:name>/tags/", views.tags, {"of": of}, name=f"{of}_tags"),
    )
]
