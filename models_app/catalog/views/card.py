"""The model card: the page, the text that a person writes, and the card as a file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models_app.account.post_only import post_only
from models_app.account.roles import Action, may_change, requires
from models_app.catalog import mlflow
from models_app.catalog.card import sagemaker, written
from models_app.catalog.card.content import card_of
from models_app.catalog.views.lookup import changes_model, model_called
from models_app.models import Evaluation, Model
from models_app.problems import Problem

STYLE = Path(settings.BASE_DIR) / "static" / "card.css"
# The file is a page of its own: it runs nothing and fetches nothing, wherever it is opened.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@require_GET
@requires(Action.READ)
def model_card(request, name):
    """The card; with ?edit, and for a person who may change the model, its written part as a form."""
    model_row = model_called(name)
    is_edited = "edit" in request.GET and may_change(request.user, model_row)
    form = written.CardForm(initial=model_row.card) if is_edited else None
    return render(request, "catalog/card.html", _context(model_row, form))


@post_only("model_card", "name")
@changes_model
def model_card_text(request, model_row):
    """Keep what a person writes, and lead back to the card."""
    form = written.CardForm(request.POST)
    if not form.is_valid():
        return render(request, "catalog/card.html", _context(model_row, form), status=422)
    written.store(model_row, form.cleaned_data, request.user.get_username())
    messages.success(request, _("The card of %(name)s was saved.") % {"name": model_row.name})
    return redirect("model_card", name=model_row.name)


@require_GET
@requires(Action.READ)
def model_card_file(request, name):
    """The card as one HTML file without a script, to keep, send or print."""
    context = _context(model_called(name), None) | {"style": STYLE.read_text(), "policy": POLICY}
    response = HttpResponse(render_to_string("catalog/card_file.html", context, request))
    response["Content-Disposition"] = f'attachment; filename="{name}-card.html"'
    response["Content-Security-Policy"] = f"{POLICY}; sandbox"
    return response


@require_GET
@requires(Action.READ)
def model_card_json(request, name):
    """The card as the Content of SageMaker's CreateModelCard."""
    model_row = model_called(name)
    content = sagemaker.content_of(model_row, _evaluation_of(model_row))
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{name}-card.json"'
    return response


@post_only("model_card", "name")
@changes_model
def model_mlflow(request, model_row):
    """Log the model to the MLflow server that is set, and lead back to the card."""
    job = model_row.job
    if not settings.MLFLOW_URI or job is None or not job.artifact:
        messages.error(
            request, _("There is no MLflow server to log %(name)s to, or no trained model.") % {"name": model_row.name}
        )
        return redirect("model_card", name=model_row.name)
    try:
        address = request.build_absolute_uri(reverse("model_card", args=[model_row.name]))
        run = mlflow.log_model(model_row, job, _evaluation_of(model_row), address)
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request, _("%(name)s was logged to MLflow as run %(run)s.") % {"name": model_row.name, "run": run}
        )
    return redirect("model_card", name=model_row.name)


def _context(model_row: Model, form: written.CardForm | None) -> dict:
    evaluation = _evaluation_of(model_row)
    context: dict[str, Any] = {"model": model_row, "job": model_row.job, "endpoint": model_row.endpoint, "tab": "card"}
    context["has_mlflow"] = bool(settings.MLFLOW_URI and model_row.job and model_row.job.artifact)
    return context | {"card": card_of(model_row, evaluation), "form": form}


def _evaluation_of(model_row: Model) -> Evaluation | None:
    return model_row.job.evaluation if model_row.job else None
