"""The modules that a class needs: its own, and those of the person's that it imports, by their files."""

from __future__ import annotations

import ast
import importlib.util
import io
import re
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from sagewright.sdk.statements import is_guard

IN_THE_IMAGE = {"boto3", "botocore", "dateutil", "joblib", "numpy", "pandas", "pytz", "scipy", "sklearn", "six"}
OURS = "sagewright"  # travels by itself


@dataclass
class Modules:
    """`files` are {path in the archive: text}; `foreign` the top-level packages that no file of them holds."""

    files: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)  # {package: the file that imports it}

    def add(self, name: str, text: str, is_package: bool = False) -> None:
        """Add the module `name`, and what it imports of the person's own modules. Raises SyntaxError."""
        path = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        if path in self.files:
            return
        self.files[path] = text
        for imported in _imports(ast.parse(text), name, is_package):
            self._follow(imported, path)

    def _follow(self, name: str, by: str) -> None:
        top = name.partition(".")[0]
        if top == OURS or top in sys.stdlib_module_names:
            return
        root = _root_of(top)
        if root is None:
            if top not in IN_THE_IMAGE:
                self.foreign.setdefault(top, by)
            return
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            folder = root.joinpath(*parts[:length])
            if (folder / "__init__.py").is_file():
                self.add(".".join(parts[:length]), read_source(folder / "__init__.py"), is_package=True)
            elif folder.with_suffix(".py").is_file():
                self.add(".".join(parts[:length]), read_source(folder.with_suffix(".py")))


def read_source(file: Path) -> str:
    """The text of a Python file in the encoding that it names, as a file in UTF-8 has it."""
    content = file.read_bytes()
    encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
    text = io.TextIOWrapper(io.BytesIO(content), encoding).read()
    return re.sub(r"\A((?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*)[-\w.]+", r"\1utf-8", text)


def _imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
    """The dotted names that a module imports; each name of a `from` import too, which may be a module.

    Not what only a program or a type checker imports, under `if __name__ == "__main__"` or `if TYPE_CHECKING`.
    """
    optional = {
        id(n) for t in ast.walk(tree) if isinstance(t, ast.Try) and t.handlers for s in t.body for n in ast.walk(s)
    }
    elsewhere = {id(n) for t in ast.walk(tree) if _is_elsewhere(t) for s in getattr(t, "body", ()) for n in ast.walk(s)}
    for node in ast.walk(tree):
        if id(node) in elsewhere:
            continue
        if id(node) in optional and not _is_local(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = module.split(".")[: None if is_package and node.level == 1 else -node.level + is_package]
                base = ".".join([*parent, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _is_elsewhere(node: ast.AST) -> bool:
    """True for the `if` of what only a program or a type checker runs."""
    return isinstance(node, ast.If) and (is_guard(node) or ast.unparse(node.test).endswith("TYPE_CHECKING"))


def _is_local(node: ast.AST) -> bool:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return False
    name = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
    return _root_of(name.partition(".")[0]) is not None


@cache
def _installed() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    return tuple(Path(paths[key]).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib"))


@cache
def _root_of(top: str) -> Path | None:
    """The folder that holds the person's own module or package `top`; None for one that is installed or not there."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        spec = None
    if spec is None or not (spec.origin or spec.submodule_search_locations):
        return None
    path = Path(spec.origin) if spec.origin else Path(next(iter(spec.submodule_search_locations or ())))
    if not path.exists() or path.suffix not in (".py", "") or any(r in path.resolve().parents for r in _installed()):
        return None
    return path.parent.parent if path.name == "__init__.py" else path.parent


def distribution_of(package: str) -> str:
    """The line of a requirements.txt that installs `package` as it is here; its own name if it is not installed."""
    names = metadata.packages_distributions().get(package)
    return f"{names[0]}=={metadata.version(names[0])}" if names else package


def covered(package: str, requirements: list[str]) -> bool:
    """True if one of `requirements` brings `package`."""
    names = {re.split(r"[\s<>=!~\[;@]", line.strip(), maxsplit=1)[0].lower().replace("_", "-") for line in requirements}
    own = distribution_of(package).partition("==")[0].lower().replace("_", "-")
    return own in names or package.lower().replace("_", "-") in names
