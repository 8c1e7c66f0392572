"""The page of an endpoint's log: lines, a search, failed requests with why, and the log as a file."""

from typing import Any

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from models_app import aws
from models_app.account.roles import Action, requires
from models_app.endpoints.logs import all_lines, failed_requests, find_lines, newest_lines
from models_app.endpoints.lookup import find_endpoint
from models_app.endpoints.snippet_context import features_of
from models_app.web.render import render_page

MAX_FIND = 200  # characters
MAX_TOKEN = 4000
MAX_FAILURES = 50


@require_GET
@requires(Action.READ)
def endpoint_logs(request, name):
    """The newest lines, or those that hold ?find=; ?show=errors leaves out the others, ?download is all as a file.

    ?from= is where an earlier search paused.
    """
    endpoint = find_endpoint(name)
    if "download" in request.GET:
        response = StreamingHttpResponse(all_lines(endpoint), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{endpoint.name}.log"'
        return response
    find, errors_only = request.GET.get("find", "").strip()[:MAX_FIND], request.GET.get("show") == "errors"
    start = request.GET.get("from", "")[:MAX_TOKEN]
    context: dict[str, Any] = {"endpoint": endpoint, "tab": "logs", "find": find, "errors_only": errors_only}
    context["is_continued"] = bool(start)
    try:
        lines, next_token = find_lines(endpoint, find, start) if find else (newest_lines(endpoint), "")
    except (aws.Refused, aws.Unavailable) as problem:
        context["problem"] = problem
    else:
        context["next_token"] = next_token
        context["failures"] = failed_requests(lines, features_of(endpoint))[:MAX_FAILURES]
        context["lines"] = [line for line in lines if line.level == "err"] if errors_only else lines
    return render_page(request, "endpoints/logs.html", context, part="endpoints/_logs.html")
