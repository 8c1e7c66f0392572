"""Compare models, or training jobs: the address says everything, so that it is the permanent link."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from models_app.account.roles import Action, requires
from models_app.compare.export import csv_of
from models_app.compare.members import MOST, Member, jobs_named, models_named
from models_app.compare.page import compare, context_of
from models_app.web.render import render_page

Find = Callable[[Sequence[str]], list[Member]]


@require_GET
@requires(Action.READ)
def models_compare(request):
    """Models beside each other: ?name=a&name=b, of which ?base= is the baseline, judged by ?metric=; ?show=all."""
    return _page(request, models_named, "models")


@require_GET
@requires(Action.READ)
def jobs_compare(request):
    """Training jobs beside each other."""
    return _page(request, jobs_named, "jobs")


@require_GET
@requires(Action.READ)
def models_compare_csv(request):
    """The comparison of models as a file."""
    return _file(request, models_named)


@require_GET
@requires(Action.READ)
def jobs_compare_csv(request):
    """The comparison of training jobs as a file."""
    return _file(request, jobs_named)


def _page(request: HttpRequest, find: Find, of: str) -> HttpResponse:
    names, left_out = _names(request)
    context = {"of": of, "names": names, "left_out_names": left_out, "most": MOST, "list_url": of}
    context["room"] = "catalog" if of == "models" else "training"  # which the navigation marks
    if len(names) > 1:
        comparison = compare(find(names), request.GET.get("base", ""), request.GET.get("metric", ""))
        context |= context_of(comparison, request.GET.get("show") == "all")
        context["query"] = query_of(names, comparison.base.name, comparison.chosen.key if comparison.chosen else "")
        context["link"] = request.build_absolute_uri(f"{request.path}?{context['query']}")
        context["running"] = [member.job for member in comparison.members if member.job and not member.job.is_final]
        context["removable"] = len(names) > 2
    return render_page(request, "compare/page.html", context, part="compare/_page.html")


def _file(request: HttpRequest, find: Find) -> HttpResponse:
    names, _left_out = _names(request)
    text = ""
    if len(names) > 1:
        text = csv_of(compare(find(names), request.GET.get("base", ""), request.GET.get("metric", "")))
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")  # Excel knows UTF-8 by the mark
    response["Content-Disposition"] = "attachment; filename=comparison.csv"
    return response


def query_of(names: Sequence[str], base: str, metric: str) -> str:
    """The query of the permanent link."""
    query = QueryDict(mutable=True)
    query.setlist("name", list(names))
    query["base"] = base
    if metric:
        query["metric"] = metric
    return query.urlencode()


def _names(request: HttpRequest) -> tuple[list[str], int]:
    """The names that the address has, each once and no more than MOST; how many are left out."""
    names = list(dict.fromkeys(name for name in request.GET.getlist("name") if name))
    return names[:MOST], max(0, len(names) - MOST)
