"""The kinds of rows that have tags, by the word that their addresses begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from models_app.batch.listing import BATCH_LIST
from models_app.batch.lookup import find_transform
from models_app.catalog.listing import MODELS
from models_app.catalog.views.lookup import model_called
from models_app.endpoints.lookup import find_endpoint
from models_app.lists.bulk import PlainList
from models_app.models import Endpoint
from models_app.training.listing import JOBS
from models_app.training.views import find_job
from models_app.tuning.listing import TUNINGS
from models_app.tuning.views import find_tuning
from models_app.web.lists.kind import ListKind


@dataclass(frozen=True)
class TaggedKind:
    """`find` looks a row up by its name and raises Gone; `page` is the name of the address of its page."""

    find: Callable[[str], Any]
    page: str
    listed: ListKind | PlainList


ENDPOINTS = PlainList("endpoints", gettext_lazy("Endpoints"), "endpoints", Endpoint.objects.select_related("model").all)
KINDS: dict[str, TaggedKind] = {
    "jobs": TaggedKind(find_job, "job", JOBS),
    "models": TaggedKind(model_called, "model", MODELS),
    "endpoints": TaggedKind(find_endpoint, "endpoint", ENDPOINTS),
    "batch": TaggedKind(find_transform, "transform", BATCH_LIST),
    "tuning": TaggedKind(find_tuning, "tuning_job", TUNINGS),
}
