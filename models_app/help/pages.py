"""The pages of Help: those that the table of contents in docs/index.md names, and no others."""

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404

INDEX = "docs/index"
TOCTREE = re.compile(r"^```\{toctree\}\n(?P<options>(?::[^\n]*\n)*)\n*(?P<entries>.*?)^```$", re.MULTILINE | re.DOTALL)
CAPTION = re.compile(r"^:caption: *(.+)$", re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file; `name` is its path below the application's root, without `.md`."""

    name: str
    title: str


@dataclass(frozen=True)
class Section:
    """One group of the table of contents."""

    title: str
    pages: tuple[Page, ...]


@cache
def contents() -> tuple[Section, ...]:
    """The table of contents, in the order of docs/index.md. Its entries are paths or, where it has a `*`, patterns."""
    sections = []
    for toctree in TOCTREE.finditer(_file(INDEX).read_text()):
        caption = CAPTION.search(toctree["options"])
        pages = [page for entry in toctree["entries"].split() for page in _matching(entry)]
        sections.append(Section(caption[1] if caption else "", tuple(dict.fromkeys(pages))))
    return tuple(sections)


@cache
def known() -> dict[str, Page]:
    """Every page by its name, the index included. Only these can be read, whatever an address holds."""
    pages = [Page(INDEX, _title(INDEX)), *(page for section in contents() for page in section.pages)]
    return {page.name: page for page in pages}


def source(name: str) -> str:
    """The Markdown of the page `name`. Raises Http404 if there is none."""
    if name not in known():
        raise Http404(name)
    return _file(name).read_text()


def _matching(entry: str) -> list[Page]:
    pattern = posixpath.normpath(posixpath.join(posixpath.dirname(INDEX), f"{entry}.md"))
    files = sorted(settings.BASE_DIR.glob(pattern))
    names = [file.relative_to(settings.BASE_DIR).with_suffix("").as_posix() for file in files]
    return [Page(name, _title(name)) for name in names]


def _title(name: str) -> str:
    title = TITLE.search(_file(name).read_text())
    return title[1].replace("`", "") if title else name


def _file(name: str) -> Path:
    return settings.BASE_DIR / f"{name}.md"
