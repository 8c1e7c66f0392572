"""Template context of an endpoint's code card: its address, and programs that call it with a matching row."""

from typing import Any

from django.conf import settings

from models_app.endpoints.code_request_form import request_form
from models_app.endpoints.page import engine_address, invocations_url
from models_app.endpoints.request_form import PredictionRequest
from models_app.endpoints.snippets import UNKNOWN, snippets_for
from models_app.models import Endpoint


def snippet_context(request, endpoint: Endpoint) -> dict[str, Any]:
    """The variables of templates/endpoints/_code.html; ?code= chooses the language."""
    language = request.GET.get("code", "")
    code = snippets_for(endpoint.name, settings.REGION, engine_address(), example_request(endpoint))
    snippet = next((snippet for snippet in code if snippet.key == language), code[0])
    return {"snippets": code, "snippet": snippet, "address": invocations_url(endpoint)}


def example_request(endpoint: Endpoint) -> PredictionRequest:
    """A request with a row of its model's columns, where they are known."""
    return request_form(endpoint.model).example() if features_of(endpoint) else UNKNOWN


def features_of(endpoint: Endpoint) -> list[str]:
    """The names of its model's features; [] where they are not known."""
    columns = (endpoint.model.schema or {}).get("columns", ()) if endpoint.model else ()
    return [column["name"] for column in columns if column.get("role") == "feature"]
