"""Renders a page whole, or only the part of it that changes when htmx asks for it again."""

from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers


def render_page(request, template: str, context: dict, *, part: str = "", status: int = 200):
    """`template` for a browser; `part`, the partial that `template` includes, for htmx's own requests.

    Boosted links and the Back button get the whole page: a part must never land in the history. A part knows by
    `is_part` that it is alone: it then brings what stands elsewhere on the page and follows the same rows.
    """
    alone = part and request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    context = context | {"is_part": alone}
    response = render(request, part if alone else template, context, status=status)
    if alone and part != template:  # what changed a page's part may have changed the counts in its navigation
        response.write(render_to_string("partials/nav_badges.html", {}, request))
    if part:
        patch_vary_headers(response, ("HX-Request", "HX-Boosted"))
    return response
