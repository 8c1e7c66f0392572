"""Finds the properties that an address names: those of the kind of list, then metrics and hyperparameters."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q

from models_app.models import JobProperty
from models_app.web.lists.kind import ListKind
from models_app.web.lists.properties import TAG, Property, tag, value

MAX_NAMES = 40
_PARTS = ("validation:", "test:", "train:", "validation-", "test-", "train-")  # "auc" is the first there is


def resolve(kind: ListKind, names: Iterable[str]) -> dict[str, Property]:
    """The properties by the given names; unknown names are left out. One query at most."""
    unique_names = list(dict.fromkeys(names))[:MAX_NAMES]
    properties = {name: prop for name in unique_names if (prop := _own(kind, name))}
    figures = {figure.key: figure for figure in kind.figures}
    others = [name for name in unique_names if name not in properties]
    if not others or kind.job is None:
        return properties
    is_metric_or_setting = ~Q(kind=JobProperty.Kind.FIGURE)
    conditions = [Q(name__iexact=name) | Q(name__in=[part + name for part in _PARTS]) for name in others]
    where = reduce(or_, conditions) & is_metric_or_setting
    where |= Q(kind=JobProperty.Kind.FIGURE, name__in=[figures[n].name for n in others if n in figures])
    rows = list(JobProperty.objects.filter(where).order_by("-kind", "pk"))  # a metric before a setting of its name
    for name in others:
        if figure := figures.get(name):
            row = next((r for r in rows if r.name == figure.name and r.kind == JobProperty.Kind.FIGURE), None)
            row = row or JobProperty(pk=0, kind=JobProperty.Kind.FIGURE, name=figure.name)  # no job has it yet
            properties[name] = value(row, kind.job, figure.key, figure.title, figure.type)
        elif row := _best(name, [r for r in rows if r.kind != JobProperty.Kind.FIGURE]):
            properties[name] = value(row, kind.job)
    return properties


def _own(kind: ListKind, name: str) -> Property | None:
    if name.startswith(TAG):
        return tag(name, kind.tagged)
    if name in kind.properties:
        return kind.properties[name]
    folded = name.casefold()
    return next(
        (p for p in kind.properties.values() if folded in (p.key.casefold(), str(p.title).casefold())),
        None,
    )


def _best(name: str, rows: list[JobProperty]) -> JobProperty | None:
    folded = name.casefold()
    names = [folded, *(part + folded for part in _PARTS)]
    matches = [row for row in rows if row.name.casefold() in names]
    return min(matches, key=lambda row: names.index(row.name.casefold()), default=None)
