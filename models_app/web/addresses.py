"""The addresses of pages for lists of many rows: Django looks each one up anew."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=4096)
def address(view: str, name: str) -> str:
    """The address of the page `view` of the thing `name`."""
    return reverse(view, args=[name])
