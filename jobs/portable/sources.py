"""The modules that a portable model needs: our own sources, moved into one package so that no name is in the way.

They are the sources that serve the model's endpoint, found by their imports and changed in nothing but these. A second
encoder would drift from the first. Read as text; nothing is imported.
"""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from common.messages import _
from common.problems import Problem
from jobs.portable.files import PACKAGE

ROOT = Path(__file__).resolve().parents[2]
_OWN = ("tables", "algorithms", "sandbox", "common", "jobs")
_RUNTIME = "jobs.portable.model"
_REPLACED = {"orjson": "jobs.portable.plain_json"}  # so that NumPy and the algorithm's library are all it takes
_CATALOGUE = '''"""The one algorithm of this model."""

from {algorithm} import ALGORITHM

ALGORITHMS = {{ALGORITHM.name: ALGORITHM}}
'''


def are_ours(predictor: str) -> bool:
    """True if the sources of a predictor such as "algorithms.<name>.predict:Predictor" can be packed."""
    return predictor.startswith("algorithms.")


@cache
def predictor_sources(predictor: str) -> dict[str, bytes]:
    """{path: content} of the package `PACKAGE` for a predictor.

    Raises Problem for one whose sources are not ours to hand out.
    """
    module = predictor.partition(":")[0]
    if not are_ours(predictor):
        package = module.partition(".")[0]
        raise Problem(_("The algorithm is one of package %(name)s, whose code Sagewright does not pack.", name=package))
    # Packages whose __init__ looks after more than this model.
    texts = {"algorithms": _CATALOGUE.format(algorithm=module.rpartition(".")[0]), "tables": "", "jobs": ""}
    sources: dict[str, bytes] = {f"{PACKAGE}/__init__.py": b""}
    pending, visited = [module, _RUNTIME], set()
    while pending:
        name = pending.pop()
        path = _path(name)
        if name in visited or path is None:
            continue
        visited.add(name)
        text = texts[name] if name in texts else path.read_text()
        tree = ast.parse(text)
        pending += [*_parents(name), *(_REPLACED.get(used, used) for used in _imports(tree))]
        sources[f"{PACKAGE}/{path.relative_to(ROOT).as_posix()}"] = _moved(text, tree).encode()
    return dict(sorted(sources.items()))


@cache
def packed(predictor: str) -> bytes:
    """`predictor_sources` as a zip archive that Python imports from: the same bytes for the same sources."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in predictor_sources(predictor).items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _path(module: str) -> Path | None:
    """The file of a module of ours, None for any other name."""
    if module.partition(".")[0] not in _OWN:
        return None
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file if file.is_file() else None


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _imports(tree: ast.AST) -> Iterator[str]:
    """The names that a module imports when it runs; a name of a package may be that of a module."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            pending += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        pending += ast.iter_child_nodes(node)


def _moved(text: str, tree: ast.AST) -> str:
    """`text` with its imports of our modules from `PACKAGE`."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for old in (alias.name for alias in node.names if alias.name in (*_OWN, *_REPLACED)):
                new = (
                    f"import {PACKAGE}.{_REPLACED[old]} as {old}"
                    if old in _REPLACED
                    else f"from {PACKAGE} import {old}"
                )
                lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"import {old}", new, 1)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in _OWN:
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line.replace(f"from {node.module}", f"from {PACKAGE}.{node.module}", 1)
    return "".join(lines)
