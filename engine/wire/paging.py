"""Lists a page at a time, from an opaque, signed token that says after which row the next page begins."""

from datetime import datetime

from django.core import signing
from django.db.models import Q, QuerySet

from engine.wire.errors import ValidationException

SALT = "engine.page"


class InvalidToken(ValidationException):
    """The token was not signed here, or it belongs to another list."""


DEFAULT_PAGE = 10
COLUMNS = {"Name": "name", "CreationTime": "created", "Status": "status"}
FILTERS = {
    "NameContains": "name__icontains",
    "CreationTimeAfter": "created__gte",
    "CreationTimeBefore": "created__lte",
    "LastModifiedTimeAfter": "modified__gte",
    "LastModifiedTimeBefore": "modified__lte",
    "StatusEquals": "status",
}


def paginate(rows: QuerySet, request: dict, order: str = "Descending") -> tuple[list, dict]:
    """The rows `request` asks for, by AWS's usual List members, and {"NextToken": ...} when there are more.

    `order` is the direction when the request names none. Raises ValidationException on a token that is not ours.
    """
    rows = rows.filter(**{FILTERS[name]: value for name, value in request.items() if name in FILTERS})
    column = COLUMNS[request.get("SortBy", "CreationTime")]
    list_name = f"{rows.model._meta.label} by {column}"
    descending = request.get("SortOrder", order) == "Descending"
    if token := request.get("NextToken"):
        value, pk = read_token(token, list_name)
        value = datetime.fromisoformat(value) if column == "created" else value
        beyond = "lt" if descending else "gt"
        rows = rows.filter(Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"pk__{beyond}": pk}))
    sign = "-" if descending else ""
    size = request.get("MaxResults", DEFAULT_PAGE)
    page = list(rows.order_by(f"{sign}{column}", f"{sign}pk")[: size + 1])
    if len(page) <= size:
        return page, {}
    last = getattr(page[size - 1], column)
    last = last.isoformat() if column == "created" else last
    return page[:size], {"NextToken": sign_token(list_name, last, page[size - 1].pk)}


def sign_token(list_name: str, *position) -> str:
    """Return a token for the `position` after which the next page of a list begins.

    `list_name` names the rows and their order, so that a token of one list is refused by every other.
    """
    return signing.dumps([list_name, *position], salt=SALT)


def read_token(token: str, list_name: str) -> list:
    """Return the position in a token. Raises InvalidToken."""
    try:
        signed_for, *position = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        text = "Invalid pagination token. Use the NextToken of the page before, unchanged."
        raise InvalidToken(text) from None
    if signed_for != list_name:
        raise InvalidToken(
            "The pagination token is of another list or order. Send it to the operation that returned it, with the "
            "same SortBy."
        )
    return position
