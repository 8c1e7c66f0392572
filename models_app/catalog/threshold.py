"""The threshold that is kept with a model of two classes: what its labels follow, here and at its endpoint."""

import math

from common.messages import _
from models_app.aws import requests, s3_store
from models_app.models import Evaluation, Model
from models_app.problems import Problem
from tables.channel_writer import put_json
from tables.predictions import THRESHOLD


def store(model: Model, evaluation: Evaluation | None, text: str) -> float | None:
    """Keep the threshold in `text` with `model`, the model's own again for ""; returns it, None for its own.

    It is part of the schema that travels with the model: the artifact and its scores stay as they are. Endpoints in
    service follow within seconds. Raises Problem, and then nothing was changed.
    """
    document = evaluation.document if evaluation else {}
    if not document.get("histogram"):
        raise Problem(_("Only a model of two classes that answers scores and was evaluated can keep a threshold."))
    threshold = _number(text, document) if text else None
    schema = model.own_schema | ({} if threshold is None else {THRESHOLD: threshold})
    if uri := requests.schema_uri(model):
        put_json(s3_store.STORE, uri, schema)
    Model.objects.filter(pk=model.pk).update(schema=schema)
    model.schema = schema
    model.changed()
    return threshold


def _number(text: str, document: dict) -> float:
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    low, high = document["histogram"]["low"], document["histogram"]["high"]
    if not low <= threshold <= high:
        limits = {"low": f"{low:g}", "high": f"{high:g}"}
        raise Problem(_("Enter a threshold from %(low)s to %(high)s.", **limits))
    return threshold
