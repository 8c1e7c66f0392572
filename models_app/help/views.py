"""The pages of Help."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from models_app.account.roles import Action, requires
from models_app.help import markdown, pages


@require_GET
@requires(Action.READ)
def help_index(request):
    """The first page of the documentation with its table of contents."""
    return _show(request, pages.INDEX)


@require_GET
@requires(Action.READ)
def help_page(request, page: str):
    """One page of the documentation."""
    return _show(request, page)


def _show(request, name: str):
    html = markdown.render(name)
    context = {"page": pages.known()[name], "html": html, "contents": pages.contents(), "index": name == pages.INDEX}
    return render(request, "help/page.html", context)
