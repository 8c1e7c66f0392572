"""Columns to pick, views to save, and the list as a file."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from models_app.account.post_only import post_only
from models_app.account.roles import Action, may, requires
from models_app.lists.kinds import KINDS, filtered, list_address, query_of, selected_names
from models_app.models import JobProperty, JobValue, ListChoice, SavedView, Tag
from models_app.text.spreadsheets import safe
from models_app.web.listing import rows_of
from models_app.web.lists.kind import ListKind
from models_app.web.lists.properties import TAG
from models_app.web.lists.query import MAX_COLUMNS, PAGE_PARAMETERS, SIZES, ListQuery
from models_app.web.lists.shown_columns import columns_of, values_of_rows
from models_app.web.lists.view import MAX_SAVED, list_query_of
from models_app.web.lists.view import saved_views as views_of

MAX_CHOICES = 500  # metrics and hyperparameters that can be ticked
BATCH = 500


class _Echo:
    """A file for csv.writer that returns the text instead of writing it."""

    def write(self, text: str) -> str:
        return text


@require_http_methods(["GET", "POST"])
@requires(Action.READ)
def columns(request, of):
    """GET shows the choice of columns; POST stores a person's columns for this view, in the order of the numbers."""
    kind, query = KINDS[of], query_of(request)
    if request.method == "POST":
        list_query, _views = list_query_of(request, kind, query)
        keys = sorted(request.POST.getlist("column")[:MAX_COLUMNS], key=lambda key: _column_order(request.POST, key))
        size = request.POST.get("size", "")
        picked: dict[str, Any] = {"columns": [] if "default" in request.POST else [key[:100] for key in keys]}
        picked["size"] = int(size) if size in map(str, SIZES) else 0
        ListChoice.objects.update_or_create(person=request.user, of=kind.key, view=list_query.view, defaults=picked)
        for name in ("cols", "size", *PAGE_PARAMETERS):
            query.pop(name, None)
        return redirect(list_address(kind.key, query))
    list_query, _views = list_query_of(request, kind, query)
    values = JobProperty.objects.exclude(kind=JobProperty.Kind.FIGURE).order_by("name")
    if kind.job is None:
        values = values.none()
    find = request.GET.get("find", "").strip()[:100]
    if find:
        values = values.filter(name__icontains=find)
    selected = [
        (key, str(column.title)) for key, column in zip(list_query.columns, columns_of(list_query, {}), strict=True)
    ]
    others = [(key, str(column.title)) for key, column in kind.columns.items() if key not in list_query.columns]
    # By the names that they have, not by those of the address: "auc" may be validation:auc.
    picked_names = [list_query.properties[key].title for key in list_query.columns if key not in kind.columns]
    values = values.exclude(name__in=picked_names)
    groups = [
        (title, [(row.name, row.name) for row in values.filter(kind=which)[:MAX_CHOICES]])
        for title, which in (
            (_("Metrics"), JobProperty.Kind.METRIC),
            (_("Hyperparameters"), JobProperty.Kind.HYPERPARAMETER),
        )
    ]
    groups.append((_("Tags"), _tags(kind, find, list_query.columns)))
    query.pop("find", None)
    context = {
        "kind": kind,
        "back": list_address(kind.key, query),
        "query": query.urlencode(),
        "shown": selected,
        "groups": [(_("More"), others), *groups],
        "find": find,
        "sizes": SIZES,
        "size": list_query.size,
        "room": kind.room,
    }
    return render(request, "lists/columns.html", context)


def _tags(kind: ListKind, find: str, selected: Sequence[str]) -> list[tuple[str, str]]:
    """(column, its title) of the tags that rows of `kind` have."""
    tags = Tag.objects.filter(key__icontains=find, **{f"{kind.tagged}__isnull": False})
    keys = tags.order_by("key").values_list("key", flat=True).distinct()[:MAX_CHOICES]
    return [(TAG + key, key) for key in keys if TAG + key not in selected]


def _column_order(form: Any, key: str) -> int:
    """The number that the person gave a column; columns without one come last, in the order of the form."""
    text = form.get(f"position-{key}", "")
    return int(text) if text.isdecimal() and len(text) < 4 else 1000


@require_http_methods(["GET", "POST"])
@requires(Action.READ)
def saved_views(request, of):
    """GET shows the form for a view's name and the saved views; POST saves the view."""
    kind, query = KINDS[of], query_of(request)
    for name in ("saved", *PAGE_PARAMETERS):
        query.pop(name, None)
    address = query.urlencode()
    own, problem, name = SavedView.objects.filter(owner=request.user, of=kind.key), "", ""
    shares = may(request.user, Action.CHANGE_OTHERS)
    if request.method == "POST":
        name = request.POST.get("name", "").strip()
        if not name or len(name) > 60:
            problem = _("Give the view a name of at most 60 characters.")
        elif len(address) > 2000:
            problem = _("The filter is too long to be saved. Remove some of it.")
        elif own.exclude(name=name).count() >= MAX_SAVED:
            problem = _("You have %(n)s views. Delete one first.") % {"n": MAX_SAVED}
        else:
            values = {"query": address, "shared": shares and "shared" in request.POST}
            view, _new = SavedView.objects.update_or_create(owner=request.user, of=kind.key, name=name, defaults=values)
            messages.success(request, _("View %(name)s is saved.") % {"name": name})
            query["saved"] = str(view.pk)
            return redirect(list_address(kind.key, query))
    context = {
        "kind": kind,
        "back": list_address(kind.key, query),
        "query": address,
        "views": views_of(request.user, kind),
        "problem": problem,
        "name": name,
        "shares": shares,
        "room": kind.room,
    }
    return render(request, "lists/views.html", context, status=422 if problem else 200)


@post_only("jobs")
@requires(Action.READ)
def view_delete(request, of, pk):
    """Delete a view of one's own; an administrator can also delete a shared view."""
    shared = {"shared": True} if may(request.user, Action.CHANGE_OTHERS) else {"owner": request.user}
    rows = SavedView.objects.filter(pk=pk, of=of)
    view = rows.filter(owner=request.user).first() or get_object_or_404(rows, **shared)
    view.delete()
    messages.success(request, _("View %(name)s is deleted.") % {"name": view.name})
    return redirect(f"{of}_views")


@require_GET
@requires(Action.READ)
def csv_file(request, of):
    """The rows that are ticked, or all of the filter, with the columns of the list; streamed.

    A filter that does not apply leads back to the list, which says why.
    """
    kind = KINDS[of]
    list_query, rows, tokens = filtered(request, kind)
    names = [] if "all" in request.GET else selected_names(request)
    if names:
        rows = kind.rows().filter(name__in=names)
    elif any(token.problem for token in tokens):
        messages.error(request, _("A filter is not understood, so all of it cannot be told. Correct it first."))
        return redirect(list_address(kind.key, query_of(request)))
    response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
        _lines(list_query, rows, get_language()), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f"attachment; filename={of}.csv"
    return response


def _lines(list_query: ListQuery, rows: QuerySet, language: str | None) -> Iterator[str]:
    """The file in the order of the list: keys are read first, then a batch of rows at a time.

    The end of a long file is written in another thread than the request's, which has no language.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    values: dict[tuple[int, str], JobValue] = {}
    columns = columns_of(list_query, values)
    with override(language):
        head = writer.writerow([safe(str(column.title)) for column in columns])
    yield f"\ufeff{head}"
    phases, down = list_query.phases(rows)
    sign = "-" if down else ""
    for phase in phases:
        order = dict.fromkeys((phase.field, phase.pk))
        pks = list(phase.rows.order_by(*(sign + name for name in order)).values_list("pk", flat=True))
        for start in range(0, len(pks), BATCH):
            batch = rows_of(list_query.kind.rows_with(list_query.columns), pks[start : start + BATCH])
            values.clear()
            values.update(values_of_rows(list_query, batch))
            with override(language):
                lines = [writer.writerow(_cells([column.text(row) for column in columns])) for row in batch]
            yield "".join(lines)


def _cells(cells: Sequence[Any]) -> list[str]:
    return ["" if cell is None else repr(cell) if isinstance(cell, float) else safe(str(cell)) for cell in cells]
