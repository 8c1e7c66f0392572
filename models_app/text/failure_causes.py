"""The causes of failures that are told by their text, read from failure_causes.toml.

A fix's `changes` are what one press fills into the Create model form, as of preflight's fixes: a hyperparameter is
"hp-<name>", a field of the recipe "recipe.<field>", anything else a field of the form; None clears.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from common.messages import _
from models_app.text.pattern_set import PatternSet

CATALOGUE = Path(__file__).with_suffix(".toml")
LARGER = "larger"  # than the instance the model had; the form knows which that is


@dataclass(frozen=True)
class Fix:
    """One thing to try: a button's label, the concrete edit, and what it changes in the form ({}: nothing)."""

    label: str
    text: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """The fix as a button or a link carries it."""
        return json.dumps({"label": self.label, "changes": self.changes})


@dataclass(frozen=True)
class Cause:
    """A cause of the catalogue: message ids with %(name)s, which `values` of a match fill.

    A message with one of `patterns` has this cause. One with an expression of `likely`, and no pattern of any cause,
    probably has it.
    `location` are values that say where the rows are, for messages that do not say so themselves.
    A `general` cause may be the consequence of another one that the log names too.
    """

    id: str
    patterns: tuple[str, ...]
    likely: tuple[str, ...]
    headline: str
    why: str
    fixes: tuple[Fix, ...]
    location: dict[str, Any] = field(default_factory=dict)
    general: bool = False

    def fixes_for(self, values: Mapping[str, str]) -> list[Fix]:
        """The fixes with `values` in their words and in the names of what they change.

        A fix that names a value which is not there is left out.
        """
        return [
            Fix(_(fix.label), _(fix.text, **_named(fix.text, values)), _filled(fix.changes, values))
            for fix in self.fixes
            if all(_named(f"{fix.text} {json.dumps(fix.changes)}", values).values())
        ]

    def words(self, text: str, values: Mapping[str, str]) -> str:
        """`text`, which is `headline` or `why`, in the language that is active."""
        return _(text, **_named(text, values))


@dataclass(frozen=True)
class Match:
    """A cause that a message names, and the values of the message that its pattern caught."""

    cause: Cause
    values: dict[str, str]


def find(text: str) -> Match | None:
    """The first cause of the catalogue that `text` names; None for a text that names none.

    Takes time linear in `text`, of which it reads the first 4,000 characters.
    """
    return Match(*match) if (match := _patterns().first(text)) else None


def find_likely(text: str) -> Match | None:
    """The first cause that `text` probably has, by the kind of its words; for a text in which `find` finds nothing."""
    return Match(*match) if (match := _likely_patterns().first(text)) else None


@cache
def causes() -> tuple[Cause, ...]:
    """The catalogue, in the order in which it is searched."""
    document = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    fixes = {name: _fix(fix) for name, fix in document["fixes"].items()}
    return tuple(
        Cause(
            c["id"], tuple(c["patterns"]), tuple(c.get("likely", ())), c["headline"], c["why"],
            tuple(fixes[n] for n in c["fixes"]), c.get("location", {}), c.get("general", False),
        )
        for c in document["cause"]
    )  # fmt: skip


def messages() -> Iterator[str]:
    """Every message id of the catalogue, for translation."""
    for cause in causes():
        yield from (cause.headline, cause.why)
    for fix in tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["fixes"].values():
        yield from (fix["label"], fix["text"])


@cache
def _patterns() -> PatternSet[Cause]:
    return PatternSet((cause, pattern) for cause in causes() for pattern in cause.patterns)


@cache
def _likely_patterns() -> PatternSet[Cause]:
    return PatternSet((cause, pattern) for cause in causes() for pattern in cause.likely)


def _fix(entry: Mapping[str, Any]) -> Fix:
    return Fix(entry["label"], entry["text"], entry.get("set", {}) | dict.fromkeys(entry.get("clear", ())))


def _named(template: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values that `template` asks for; "" for one that the message does not have."""
    return {name: values.get(name, "") for name in re.findall(r"%\((\w+)\)s", template)}


def _filled(changes: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """`changes` with `values` in their keys, at every depth."""
    return {
        key % _named(key, values): _filled(value, values) if isinstance(value, Mapping) else value
        for key, value in changes.items()
    }
