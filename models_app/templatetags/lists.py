"""Template tags of list pages: heads that sort, and links that keep the rest of the URL."""

from urllib.parse import quote, urlencode

from django import template
from django.urls import reverse

from models_app.web.lists.properties import TAG
from models_app.web.owned_parts import MARKED, mark

register = template.Library()
PAGES = ("after", "before", "page")  # what of the URL says which page it is


@register.inclusion_tag("partials/sort_th.html", takes_context=True)
def sort_th(context, listing, field: str, title: str, cls: str = "") -> dict:
    """A column head that sorts by `field`, the other way round when it already does."""
    down = listing.sort == f"-{field}"
    is_current = down or listing.sort == field
    query = context["request"].GET.copy()
    for page in PAGES:
        query.pop(page, None)
    query["sort"] = field if down or (not is_current and not field.startswith("created")) else f"-{field}"
    href, key = "?" + query.urlencode(), quote(field, safe="")
    return {"title": title, "cls": cls, "is_current": is_current, "down": down, "href": href, "key": key}


@register.inclusion_tag("partials/sort_th.html")
def list_th(page, column) -> dict:
    """The head of a column of a list of jobs or models; it sorts by the column where it can be sorted by."""
    head = {"title": column.title, "cls": column.cls.replace("c-name", "").replace("c-status", "").strip()}
    if not column.sort:
        return head
    down, is_current = page.sort == f"-{column.sort}", page.sort.lstrip("-") == column.sort
    is_text = column.sort in page.kind.properties and not column.sort.endswith("ed")  # created, started, ended
    next_sort = column.sort if down or (not is_current and is_text) else f"-{column.sort}"
    head |= {"href": page.list_query.link(sort=next_sort), "key": quote(column.key, safe="")}
    return head | {"is_current": is_current, "down": down}


@register.simple_tag(takes_context=True)
def view_url(context, key: str) -> str:
    """The list in another saved view: the filter stays, the page does not."""
    query = context["request"].GET.copy()
    for page in PAGES:
        query.pop(page, None)
    query.pop("saved", None)
    query["view"] = key
    return "?" + query.urlencode()


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
        row, changeable = self.row.resolve(context), context["changeable"]
        if changeable is MARKED:
            return mark(row, self.nodelist.render(context))
        return self.nodelist.render(context) if row in changeable else ""
