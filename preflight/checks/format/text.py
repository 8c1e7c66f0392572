"""Text as bytes: its encoding and its line ends."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV
from preflight.registry import check, let_prepare, warn
from tables.encodings import TITLES, Guess

FIELD = "data_uri"
CLOSE = 0.15  # of scores: further guesses may be right too
TWO_BYTES = ("cp949", "cp932", "gb18030", "big5", "euc_jp")
MAX_OFFERED = 3


@check(
    "format.encoding",
    gettext_noop("The text is UTF-8"),
    ok=gettext_noop("The encoding is known"),
    needs="table",
)
def encoding(context: CheckContext) -> Iterator[Finding]:
    """The text is UTF-8 without a byte order mark."""
    for raw in context.raw_tables.values() if context.is_raw else ():
        if raw.has_bom:
            yield warn(
                _("The file begins with a byte order mark"),
                _("Some containers take it for part of the first cell. Save the file as UTF-8 without it."),
                field=FIELD,
                file=raw.first_uri,
            )
        if raw.encoding != "utf-8" and raw.kind == CSV:
            yield warn(
                _("The file is not UTF-8"),
                _("Letters outside ASCII are dropped by the container. Save the file as UTF-8."),
                field=FIELD,
                file=raw.first_uri,
            )
    if not context.is_raw:
        yield from _guessed(context)
        yield from _undecodable(context)
        yield from _others(context)


def _guessed(context: CheckContext) -> Iterator[Finding]:
    """No byte says the encoding of a text of one byte a letter; of two bytes, only few texts make sense."""
    guesses = context.inspection.guesses if context.inspection else ()
    if not guesses:
        return
    first, others = guesses[0], [guess for guess in guesses[1:] if guess.score > guesses[0].score - CLOSE]
    if first.encoding in TWO_BYTES and not others:
        return
    yield warn(
        _("The file is not UTF-8 and is read as %(encoding)s", encoding=first.title),
        _(
            "Its words are then such as %(sample)s. If they are wrong, choose the encoding, or save the file as UTF-8.",
            sample=first.sample,
        ),
        field="recipe.encoding",
        fixes=tuple(_read_as(guess) for guess in (others or guesses[1:])[:MAX_OFFERED]),
    )


def _read_as(guess: Guess) -> Fix:
    return Fix(
        _("Read as %(encoding)s: %(sample)s", encoding=guess.title, sample=guess.sample),
        {"recipe.encoding": guess.encoding},
    )


def _undecodable(context: CheckContext) -> Iterator[Finding]:
    profile = context.best_profile
    if profile is None or not profile.undecodable:
        return
    cell, name = profile.undecodable_cell, profile.undecodable_column
    encoding = context.inspection.encoding if context.inspection else "utf-8"
    yield warn(
        ngettext(
            "%(n)s character is not %(encoding)s",
            "%(n)s characters are not %(encoding)s",
            profile.undecodable,
            encoding=TITLES.get(encoding, encoding),
        ),
        _(
            "The first is in row %(row)s, column %(column)s: %(value)s. Such characters are lost; correct the cells.",
            row=cell.row,
            column=name,
            value=repr(cell.value),
        )
        if cell
        else _("They are in rows that are left out, or in the names. Such characters are lost."),
        field="recipe.encoding",
        at=cell,
        column=name,
    )


def _others(context: CheckContext) -> Iterator[Finding]:
    """An object of another encoding than the first."""
    files = context.best_profile.files if context.best_profile else []
    titles = [TITLES.get(file.get("encoding", ""), "") for file in files]
    other = [(file, title) for file, title in zip(files, titles, strict=True) if title and title != titles[0]]
    if other:
        file, title = other[0]
        yield warn(
            ngettext("%(n)s object has another encoding", "%(n)s objects have another encoding", len(other)),
            _(
                "%(name)s is read as %(encoding)s, the first as %(first)s. Look whether its letters are right.",
                name=file["uri"].rpartition("/")[2],
                encoding=title,
                first=titles[0],
            ),
            field="recipe.encoding",
            file=file["uri"],
        )


@check(
    "format.line_ends",
    gettext_noop("Lines end as every reader expects"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Lines end as usual"),
)
def line_ends(context: CheckContext) -> Iterator[Finding]:
    """Lines do not end with a carriage return alone."""
    for raw in context.raw_tables.values():
        if raw.cr_only:
            yield warn(
                _("Lines end with a carriage return only"),
                _("Old Macintosh line ends are not read by every tool. Save the file with line feeds."),
                field=FIELD,
                file=raw.first_uri,
                fixes=(let_prepare(),),
            )
