"""Finds filters by tag in the search line of a list that has no other filters."""

import re

from django.db.models import Q

from models_app.web.lists.filters import parse
from models_app.web.lists.properties import OPERATORS, TAG, Type, tag


def split_tags(q: str, to_row: str) -> tuple[str, list[Q]]:
    """(the text before the filters by tag in `q`, their conditions). A filter, tag:key=value, goes on to the next one.

    `to_row` is the field of Tag that leads to the rows.
    """
    text, *parts = re.split(rf"(?:^|\s+)(?={TAG})", q)
    filters = [(part, parse(part)) for part in parts]
    known = [f for _part, f in filters if f and f.operator in OPERATORS[Type.TEXT]]
    if len(known) < len(parts):
        return q, []
    return text, [tag(f.name, to_row).condition(f.operator, f.value) for f in known]
