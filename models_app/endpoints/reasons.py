"""Asks an endpoint for a prediction with its reasons, and reads them from the answer."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from models_app.endpoints import actions
from models_app.endpoints.actions import Invocation
from models_app.models import Endpoint
from models_app.problems import Declined
from models_app.web.fall import Fall, fall_of

MAX_REASONS = 8  # reasons; the rest in one
ACCEPT = f"application/json; reasons={MAX_REASONS}"


def invoke(endpoint: Endpoint, body: bytes, content_type: str, accept: str, explains: bool) -> Invocation:
    """`actions.invoke`, with ACCEPT if the endpoint explains; if the model refuses it, again with `accept` alone."""
    if explains:
        try:
            return actions.invoke(endpoint, body, content_type, ACCEPT)
        except Declined as refused:
            if refused.inside != HTTPStatus.NOT_ACCEPTABLE:
                raise
    return actions.invoke(endpoint, body, content_type, accept)


def reasons_of(text: str, columns: int) -> Fall | None:
    """The reasons of the first row in the answer `text` to rows of `columns`; None if it has none."""
    try:
        predictions: Any = json.loads(text)["predictions"]
        first = predictions[0]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return fall_of(first, columns)
