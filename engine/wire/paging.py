"""Lists a page at a time, from an opaque, signed token that says after which row the next page begins."""

from datetime import datetime

from django.core import signing
from django.db.models import Q, QuerySet

from engine.wire.errors import ValidationException

SALT = "engine.page"
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
    descending = request.get("SortOrder", order) == "Descending"
    if token := request.get("NextToken"):
        value, pk = read_token(token, column)
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
    return page[:size], {"NextToken": sign_token(column, last, page[size - 1].pk)}


def sign_token(order: str, *position) -> str:
    """A token for the `place` after which the next page of a list in this order begins."""
    return signing.dumps([order, *position], salt=SALT)


def read_token(token: str, order: str) -> list:
    """The place in a token of ours; ValidationException when it is not ours, or of another order."""
    try:
        sorted_by, *position = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        text = "Invalid pagination token. Use the NextToken of the page before, unchanged."
        raise ValidationException(text) from None
    if sorted_by != order:
        raise ValidationException("The pagination token is of another list or order. Keep SortBy as it was.")
    return position
