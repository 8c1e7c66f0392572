"""Where to look for a cause that is not known: the category of a failure, read from failure_categories.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from common.messages import _, gettext_noop
from models_app.text.failure_causes import Fix
from models_app.text.pattern_set import PatternSet

CATALOGUE = Path(__file__).with_suffix(".toml")
LABEL = gettext_noop("The next step")


@dataclass(frozen=True)
class Category:
    """What the reason of a failure lies in; its texts are message ids."""

    id: str
    name: str
    why: str
    step: str

    @property
    def fix(self) -> Fix:
        """The general next step, which a person must do."""
        return Fix(_(LABEL), _(self.step))


def find_category(text: str) -> Category | None:
    """The category that the kind of `text` tells; None when it tells none.

    Takes time linear in `text`, of which it reads the first 4,000 characters.
    """
    match = _signs().first(text)
    return categories().get(match[0]) if match else None


def category_named(id: str) -> Category:
    """The category with the id. Raises KeyError."""
    return categories()[id]


@cache
def categories() -> dict[str, Category]:
    """All categories by their id."""
    return {id: Category(id, **texts) for id, texts in _document()["category"].items()}


def messages() -> Iterator[str]:
    """Every message id of the categories, for translation."""
    for category in categories().values():
        yield from (category.name, category.why, category.step)


@cache
def _document() -> dict:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


@cache
def _signs() -> PatternSet[str]:
    return PatternSet((sign["category"], pattern) for sign in _document()["sign"] for pattern in sign["patterns"])
