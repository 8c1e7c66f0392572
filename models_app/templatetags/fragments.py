"""Template fragments that are rendered once for each value of what they depend on, instead of once for each page.

    {% fragment signed_in role room %}
      <a href="{% url 'jobs' %}"{% if room == "training" %} aria-current="page"{% endif %}>{% translate "Jobs" %}</a>
      {% per_request %}{{ request.get_full_path }}{% endper_request %}
    {% endfragment %}

A fragment sees the variables that it names, and nothing else of the page or of its person: what is kept of one person's
page cannot carry anything of theirs into another's. The language that is active counts as named. Inside `per_request`
all variables of the page are seen; it is rendered each time. Times, whose zone is a person's, belong there, too.
"""

import re
import secrets
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
MAX_RENDERED = 64  # values that one fragment is kept for
_HOLES = "_holes"  # the variable in which a fragment that is rendered collects what is left open
# Nobody can write such a mark into a variable: it differs with each process. The characters are for private use.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"\ue004{_SECRET} (\\d+)\ue005")


@register.tag
def fragment(parser, token):
    """`{% fragment name name %}...{% endfragment %}`: rendered once for each value of these variables."""
    _, *names = token.split_contents()
    content = parser.parse(("endfragment",))
    parser.delete_first_token()
    return _Fragment(names, content)


@register.tag
def per_request(parser, token):
    """`{% per_request %}...{% endper_request %}`: the part of a fragment that is rendered each time."""
    content = parser.parse(("endper_request",))
    parser.delete_first_token()
    return _PerRequest(content)


@register.simple_tag(takes_context=True)
def return_fields(context) -> SafeString:
    """The hidden fields of a form that leads back to this page: token and address. A page has several such."""
    request = context["request"]
    if not hasattr(request, "_return_fields"):
        fields = (("csrfmiddlewaretoken", context["csrf_token"]), ("next", request.get_full_path()))
        request._return_fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)
    return request._return_fields


class _Fragment(template.Node):
    def __init__(self, names: list[str], nodelist: template.NodeList):
        self.names, self.nodelist = names, nodelist
        self.rendered: dict[tuple, list[str | template.NodeList]] = {}

    def render(self, context) -> SafeString:
        key = (get_language(), *[context.get(name) for name in self.names])
        parts = self.rendered.get(key)
        if parts is None:
            parts = self._parts(context)
            if len(self.rendered) >= MAX_RENDERED:
                self.rendered.clear()
            self.rendered[key] = parts
        return SafeString("".join([part if isinstance(part, str) else part.render(context) for part in parts]))

    def _parts(self, context) -> list[str | template.NodeList]:
        """Text, and between it what is rendered each time."""
        holes: list[template.NodeList] = []
        values: dict[str, Any] = {name: context[name] for name in self.names if name in context}
        own = template.Context(values | {_HOLES: holes, "csrf_token": _NoToken()}, autoescape=context.autoescape)
        own.template = context.template  # whose engine finds what is included
        texts = _MARK.split(self.nodelist.render(own))
        return [holes[int(text)] if at % 2 else text for at, text in enumerate(texts) if text]


class _NoToken:
    """The token of forms inside a fragment: without it a form would be refused when somebody sends it."""

    def __str__(self) -> str:
        raise template.TemplateSyntaxError("A form's token is one person's: put {% csrf_token %} into per_request.")

    def __bool__(self) -> bool:
        return bool(str(self))


class _PerRequest(template.Node):
    def __init__(self, nodelist: template.NodeList):
        self.nodelist = nodelist

    def render(self, context) -> str:
        holes = context.get(_HOLES)
        if holes is None:
            return self.nodelist.render(context)
        holes.append(self.nodelist)
        return f"\ue004{_SECRET} {len(holes) - 1}\ue005"
