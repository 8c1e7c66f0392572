"""The pages of docs/reference/, each rendered from the code that it describes."""

from collections.abc import Iterator

from console.reference import algorithms, commands, operations, sdk, settings, statuses
from preflight.check_reference import render_check_reference


def pages() -> Iterator[tuple[str, str]]:
    """(path below docs/reference/, Markdown) of every page; the same for the same code."""
    yield "settings.md", settings.render()
    yield "commands.md", commands.render()
    yield "sdk.md", sdk.render()
    yield "operations.md", operations.render()
    yield "statuses.md", statuses.render()
    yield "preflight-checks.md", render_check_reference()
    yield from algorithms.pages()
