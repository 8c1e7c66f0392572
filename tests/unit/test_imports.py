"""Programs that the suite does not run, benchmarks and long proofs, import names that are there."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.stack import ROOT

PROGRAMS = sorted(
    file.relative_to(ROOT)
    for folder in ("bench", "tests")
    for file in (ROOT / folder).rglob("*.py")
    if not file.name.startswith("test_") and "clients" not in file.parts  # those run elsewhere, with other packages
)


def _file(module: str) -> Path | None:
    """The file of a module of ours."""
    path = ROOT / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def _names(file: Path) -> set[str]:
    """The names of a module, those of `try` and `if` among them."""
    return set(_bound(ast.parse(file.read_text()).body))


def _bound(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)
        else:
            yield from (n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            for field in ("body", "orelse", "finalbody", "handlers"):
                inner = getattr(statement, field, [])
                for part in inner if isinstance(inner, list) else []:
                    yield from _bound(part.body if isinstance(part, ast.ExceptHandler) else [part])


def missing(source: str) -> list[str]:
    """Every `module.name` of ours that a program imports and that is not there."""
    absent = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.level or not (file := _file(node.module or "")):
            continue
        if "__getattr__" not in _names(file):
            names = (alias.name for alias in node.names if alias.name not in {"*", *_names(file)})
            absent += [f"{node.module}.{name}" for name in names if not _file(f"{node.module}.{name}")]
    return absent


@pytest.mark.parametrize("folder", ["bench", "tests"])
def test_what_a_program_imports_is_there(folder):
    programs = [file for file in PROGRAMS if file.parts[0] == folder]
    assert programs
    absent = {str(file): missing((ROOT / file).read_text()) for file in programs}
    assert not {file: names for file, names in absent.items() if names}


def test_a_name_that_was_moved_is_told():
    source = "from bench.uploads import OWN_PASSWORD, _family\nfrom tests import stack\nfrom bench import flights\n"
    assert missing(source) == ["bench.uploads._family"]
