"""Marks in rendered text: around what only those see who may change a row, so that one text serves several people."""

import re
import secrets
from collections.abc import Iterable

from django.db.models import Model
from django.utils.safestring import SafeString, mark_safe

MARKED = object()  # in the place of the rows that a person may change: mark their parts
# Nobody can write such a mark into a row: it differs with each process. The characters are for private use.
_SECRET = secrets.token_hex(8)
_PART = re.compile(f"\ue001{_SECRET} ([^\ue002]+)\ue002(.*?)\ue003{_SECRET}", re.DOTALL)


def mark(row: Model, html: SafeString) -> SafeString:
    """Return `html` within marks of `row`."""
    return mark_safe(f"\ue001{_SECRET} {_name(row)}\ue002{html}\ue003{_SECRET}")  # noqa: S308 (the marks are ours)


def unmark(html: str, changeable: Iterable[Model]) -> str:
    """Return `html` with the marked parts of the rows `changeable`, without those of others, and without marks."""
    names = {_name(row) for row in changeable}
    return _PART.sub(lambda part: part[2] if part[1] in names else "", html)


def _name(row: Model) -> str:
    return f"{row._meta.label_lower} {row.pk}"
