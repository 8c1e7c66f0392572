"""The addresses of pages for lists of many rows: Django looks each one up anew."""

from functools import lru_cache
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse


@lru_cache(maxsize=4096)
def address(view: str, name: str) -> str:
    """The address of the page `view` of the thing `name`."""
    return reverse(view, args=[name])


def query_with(query: QueryDict, *without: str, **changes: str | list[str]) -> str:
    """`query`, after a question mark, without the parameters `without`, and with others in the place of `changes`."""
    values: dict[str, str | list[str]] = {name: items for name, items in query.lists() if name not in without}
    return "?" + urlencode(values | changes, doseq=True)
