"""The lists by name, and the rows of one that a form or an address selects."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from models_app.batch.listing import BATCH_LIST
from models_app.catalog.listing import MODELS
from models_app.training.listing import JOBS
from models_app.tuning.listing import TUNINGS
from models_app.web.lists.filters import MAX_LENGTH
from models_app.web.lists.kind import ListKind
from models_app.web.lists.query import ListQuery, Token
from models_app.web.lists.view import list_query_of

KINDS: dict[str, ListKind] = {kind.key: kind for kind in (JOBS, MODELS, BATCH_LIST, TUNINGS)}
MAX_NAMES = 200  # on a page there are a hundred


def query_of(request: HttpRequest) -> QueryDict:
    """The query of the list's address, from the form's field `query` or from this address."""
    parameters = request.POST if request.method == "POST" else request.GET
    return QueryDict(parameters["query"], mutable=True) if "query" in parameters else parameters.copy()


def list_address(key: str, query: QueryDict) -> str:
    """The address of the list `key` with `query`."""
    return reverse(key) + (f"?{query.urlencode()}" if query else "")


def filtered(request: HttpRequest, kind: ListKind) -> tuple[ListQuery, QuerySet, list[Token]]:
    """All rows that the list's filter leaves."""
    list_query, views = list_query_of(request, kind, query_of(request))
    return (list_query, *list_query.rows(views, whole=True))


def selected_names(request: HttpRequest) -> list[str]:
    """The names that are ticked, each once."""
    names: Iterable[str] = (request.POST if request.method == "POST" else request.GET).getlist("name")
    return list(dict.fromkeys(name[:MAX_LENGTH] for name in names if name))[:MAX_NAMES]
