"""Renders a page of the documentation as HTML in the console's look. Raw HTML in it is shown, not obeyed."""

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from models_app.help import pages
from models_app.templatetags.console import icon
from models_app.web.highlight import highlight

IMAGES = "docs/images/"  # settings.STATICFILES_DIRS serves it as docs/


def render(name: str) -> SafeString:
    """The page `name` as HTML, its first heading included. Raises Http404 if there is none."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(pages.source(name))
    _link(tokens, posixpath.dirname(name))
    _anchor(tokens)
    return mark_safe(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308 (the parser escapes all text)


class _Renderer(RendererHTML):
    """Code with a button that copies it, tables that scroll by keyboard, headings that link to themselves."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        language, program = tokens[idx].info.strip(), tokens[idx].content
        if language == "{toctree}":
            return ""  # the template shows the table of contents
        return format_html(
            '<div class="doc__code"><button type="button" class="ibtn ibtn--inv js" data-copy="{}" aria-label="{}"'
            ' title="{}">{}</button><pre class="code" role="group" tabindex="0" aria-label="{}"><code>{}</code></pre>'
            "</div>\n",
            *(program, _("Copy code"), _("Copy code"), icon("copy"), _("Code"), highlight(program)),
        )

    code_block = fence

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return format_html(
            '<div class="table-wrap" role="group" tabindex="0" aria-label="{}"><table class="table">\n', _("Table")
        )

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        anchor, tag = tokens[idx - 2].attrGet("id"), tokens[idx].tag
        label = _("Link to this section")
        return format_html('<a class="doc__anchor" href="#{}" aria-label="{}">#</a></{}>\n', anchor, label, tag)


def _anchor(tokens: Sequence[Token]) -> None:
    """Give each heading the id that GitHub and the docs site give it."""
    taken: dict[str, int] = {}
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", _text(content).strip().lower()).replace(" ", "-")
            taken[slug] = taken.get(slug, -1) + 1
            opening.attrSet("id", f"{slug}-{taken[slug]}" if taken[slug] else slug)


def _text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


def _link(tokens: Sequence[Token], folder: str) -> None:
    """Point links and pictures at the console's addresses; `folder` is the one that the page lies in."""
    tag = "a"
    for token in (child for block in tokens for child in block.children or ()):
        if token.type == "image":
            path = posixpath.normpath(posixpath.join(folder, str(token.attrGet("src"))))
            token.attrSet("src", static(f"docs/{path.removeprefix(IMAGES)}"))
        elif token.type == "link_open":
            _point(token, folder)
            tag = token.tag
        elif token.type == "link_close":
            token.tag = tag


def _point(token: Token, folder: str) -> None:
    parts = urlsplit(str(token.attrGet("href")))
    if parts.scheme or parts.netloc:
        token.attrSet("rel", "noopener noreferrer")
        return
    if not parts.path:
        return
    path = posixpath.normpath(posixpath.join(folder, parts.path))
    page = path.removesuffix(".md")
    if page in pages.known():
        anchor = f"#{parts.fragment}" if parts.fragment else ""
        token.attrSet("href", reverse("help_page", args=[page]) + anchor)
    else:  # a file or folder of the checkout, which the console does not show
        token.tag, token.attrs = "span", {"title": path}
