"""Addresses of `models_app.create`."""

from django.urls import path

from models_app.create.own_code import views as own_code
from models_app.create.views import drafts, form, inspect

urlpatterns = [
    path("models/create/", form.model_create, name="model_create"),
    path("tuning/create/", form.tuning_create, name="tuning_create"),
    path("models/create/hyperparameters/", form.hyperparameters, name="hyperparameters"),
    path("models/create/aside/", drafts.create_aside, name="create_aside"),
    path("models/create/code/", drafts.create_code, name="create_code"),
    path("models/create/code/check/", own_code.code_check, name="code_check"),
    path("models/create/code/data/", own_code.code_data, name="code_data"),
    path("models/create/code/trial/", own_code.code_trial, name="code_trial"),
    path("models/create/drafts/<uuid:intent>/discard/", drafts.draft_discard, name="draft_discard"),
    path("s3/inspect/", inspect.s3_inspect, name="s3_inspect"),
]
