"""Addresses of `models_app.catalog`."""

from django.urls import path

from models_app.catalog.views import card, elsewhere, evaluation, model, models, portable

urlpatterns = [
    path("models/", models.models, name="models"),
    path("models/-/delete/", models.models_delete, name="models_delete"),
    path("models/<str:name>/", model.model, name="model"),
    path("models/<str:name>/evaluation/", evaluation.model_evaluation, name="model_evaluation"),
    path("models/<str:name>/evaluation/rows/", evaluation.model_evaluation_rows, name="model_evaluation_rows"),
    path("models/<str:name>/evaluation/remove/", evaluation.model_evaluation_remove, name="model_evaluation_remove"),
    path("models/<str:name>/explain/", evaluation.model_explain, name="model_explain"),
    path("models/<str:name>/card/", card.model_card, name="model_card"),
    path("models/<str:name>/card/text/", card.model_card_text, name="model_card_text"),
    path("models/<str:name>/card/file/", card.model_card_file, name="model_card_file"),
    path("models/<str:name>/card/json/", card.model_card_json, name="model_card_json"),
    path("models/<str:name>/mlflow/", card.model_mlflow, name="model_mlflow"),
    path("models/<str:name>/portable/", portable.model_portable, name="model_portable"),
    path("models/<str:name>/threshold/", evaluation.model_threshold, name="model_threshold"),
    path("models/<str:name>/evaluate/", evaluation.model_evaluate, name="model_evaluate"),
    path("models/<str:name>/stop/", model.model_stop, name="model_stop"),
    path("models/<str:name>/deploy/", model.model_deploy, name="model_deploy"),
    path("models/<str:name>/delete/", model.model_delete, name="model_delete"),
    path("jobs/<str:name>/save/", elsewhere.job_save, name="job_save"),
    path("jobs/<str:name>/delete/", elsewhere.job_delete, name="job_delete"),
]
