"""Template tags of list pages: heads that sort, and links that keep the rest of the URL."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.templatetags.console import icon
from models_app.web.addresses import address, query_with
from models_app.web.lists.properties import TAG
from models_app.web.markup import format_html
from models_app.web.owned_parts import MARKED, mark

register = template.Library()
_DELETE = {"model": gettext_noop("Delete %(model)s"), "endpoint": gettext_noop("Delete %(endpoint)s")}
PAGES = ("after", "before", "page")  # what of the URL says which page it is


@register.simple_tag(takes_context=True)
def sort_th(context, listing, field: str, title: str, cls: str = "") -> SafeString:
    """A column head that sorts by `field`, the other way round when it already does."""
    down = listing.sort == f"-{field}"
    is_current = down or listing.sort == field
    next_sort = field if down or (not is_current and not field.startswith("created")) else f"-{field}"
    href = query_with(context["request"].GET, *PAGES, sort=next_sort)
    return _head(title, cls, href, field, _arrow(down) if is_current else None)


@register.simple_tag
def list_th(page, column) -> SafeString:
    """The head of a column of a list of jobs or models; it sorts by the column where it can be sorted by."""
    cls = column.cls.replace("c-name", "").replace("c-status", "").strip()
    if not column.sort:
        return _head(column.title, cls)
    down, is_current = page.sort == f"-{column.sort}", page.sort.lstrip("-") == column.sort
    is_text = column.sort in page.kind.properties and not column.sort.endswith("ed")  # created, started, ended
    next_sort = column.sort if down or (not is_current and is_text) else f"-{column.sort}"
    href = page.list_query.link(sort=next_sort)
    return _head(column.title, cls, href, column.key, _arrow(down) if is_current else None)


def _head(title, cls: str, href: str = "", key: str = "", arrow: tuple[str, SafeString] | None = None) -> SafeString:
    word, drawn = arrow or ("", SafeString())
    attributes = format_html(' class="{}"', cls) if cls else SafeString()
    if word:
        attributes += format_html(' aria-sort="{}"', word)
    content = title
    if href:
        content = format_html('<a id="sort-{}" href="{}">{}{}</a>', quote(key, safe=""), href, title, drawn)
    return format_html('<th role="columnheader" scope="col"{}>{}</th>', attributes, content)


def _arrow(down: bool) -> tuple[str, SafeString]:
    """The word and the picture of the order that the rows are in."""
    word, shape = ("descending", "M1 3h8L5 8z") if down else ("ascending", "M1 7h8L5 2z")
    picture = '<svg class="arrow-s" viewBox="0 0 10 10" aria-hidden="true"><path d="{}" fill="currentColor"/></svg>'
    return word, format_html(picture, shape)


@register.simple_tag(takes_context=True)
def view_url(context, key: str) -> str:
    """The list in another saved view: the filter stays, the page does not."""
    return query_with(context["request"].GET, *PAGES, "saved", view=key)


@register.simple_tag
def tag_list(of: str, tag) -> str:
    """The list `of` filtered by a tag. That of endpoints has its filters in the search line."""
    return reverse(of) + "?" + urlencode({"q" if of == "endpoints" else "f": f"{TAG}{tag}"})


@register.tag
def ifchangeable(parser, token):
    """`{% ifchangeable row %}...{% endifchangeable %}`: what only those see who may change the row."""
    _, row = token.split_contents()
    content = parser.parse(("endifchangeable",))
    parser.delete_first_token()
    return _IfChangeable(parser.compile_filter(row), content)


class _IfChangeable(template.Node):
    def __init__(self, row, nodelist):
        self.row, self.nodelist = row, nodelist

    def render(self, context) -> str:
        return _if_changeable(context, self.row.resolve(context), lambda: self.nodelist.render(context))


@register.simple_tag(takes_context=True)
def delete_link(context, kind: str, row) -> SafeString:
    """The way to delete `row`, a model or an endpoint, for those who may."""

    def draw() -> SafeString:
        words = _(_DELETE[kind]) % {kind: row}
        link = '<a class="ibtn" href="{0}" aria-label="{1}" title="{1}">{2}</a>'
        return format_html(link, address(f"{kind}_delete", row.name), words, icon("trash"))

    return _if_changeable(context, row, draw)


def _if_changeable(context, row, draw: Callable[[], SafeString]) -> SafeString:
    changeable = context["changeable"]
    if changeable is MARKED:
        return mark(row, draw())
    return draw() if row in changeable else SafeString()
