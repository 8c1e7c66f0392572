"""Addresses of `models_app.people`."""

from django.urls import path

from models_app.people import invitation_views, key_views, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/role/", views.person_role, name="person_role"),
    path("people/<int:pk>/link/", views.person_link, name="person_link"),
    path("people/<int:pk>/disable/", views.person_disable, name="person_disable"),
    path("people/<int:pk>/enable/", views.person_enable, name="person_enable"),
    path("people/<int:pk>/remove/", views.person_remove, name="person_remove"),
    path("keys/", key_views.keys, name="keys"),
    path("keys/create/", key_views.key_create, name="key_create"),
    path("keys/<int:pk>/<str:key_id>/stop/", key_views.key_stop, name="key_stop"),
    path("keys/<int:pk>/<str:key_id>/start/", key_views.key_start, name="key_start"),
    path("keys/<int:pk>/<str:key_id>/delete/", key_views.key_delete, name="key_delete"),
    path("invitation/<str:secret>/", invitation_views.invitation, name="invitation"),
]
