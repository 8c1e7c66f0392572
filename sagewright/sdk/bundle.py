"""The archive that a job gets: the class's source, the small runtime, and the two entry points of script mode."""

from __future__ import annotations

import ast
import gzip
import hashlib
import importlib.util
import inspect
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagewright.runtime.signature import channels_of, rows_kind
from sagewright.sdk.errors import NotAlone
from sagewright.sdk.modules import Modules, covered, distribution_of
from sagewright.sdk.statements import sliced_source

_RESERVED = {"train", "inference", "sagewright", "setup"}
RunnerFiles = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Bundle:
    """The archive's files, the module and the class in it, and the metrics that its source logs."""

    files: dict[str, str]
    module: str
    cls: str
    metrics: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What changes whenever a file does."""
        return hashlib.sha256(json.dumps(self.files, sort_keys=True).encode()).hexdigest()

    def archive(self) -> bytes:
        """sourcedir.tar.gz: the same bytes for the same files."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, text in sorted(self.files.items()):
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(text.encode()), 0o644
                tar.addfile(member, io.BytesIO(text.encode()))
        return gzip.compress(out.getvalue(), mtime=0)


def bundle_of(cls: Any, options: dict[str, dict[str, Any]], runner_files: RunnerFiles) -> Bundle:
    """The archive of `cls`, whose channels are read by `options`, {channel: {"target": ..., "header": ...}}.

    `runner_files(module, cls, channels, rows)` are the files that run the class: `jobs.code.bundle` has them.
    Raises NotAlone when the source cannot travel, naming what it would miss.
    """
    module, modules = _modules_of(cls)
    requirements = requirements_of(cls)
    for package, by in modules.foreign.items():
        if not covered(package, requirements):
            raise NotAlone(
                f"{by} imports {package}, which the scikit-learn image does not have. Add "
                f'requirements = ("{distribution_of(package)}",) to {cls.__name__}.'
            )
    channels = {c.name: {"kind": c.kind, **options.get(c.name, {})} for c in channels_of(cls.train)}
    runner = runner_files(module=module, cls=cls.__name__, channels=channels, rows=rows_kind(cls.predict))
    files = runner | modules.files | _included(cls)
    if requirements:
        files["requirements.txt"] = "\n".join(requirements) + "\n"
    logged = dict.fromkeys([*logged_metrics(modules.files.values()), *cls.metrics])
    return Bundle(files, module, cls.__name__, tuple(logged))


def _modules_of(cls: Any) -> tuple[str, Modules]:
    modules = Modules()
    main = sys.modules.get("__main__")
    module = sys.modules.get(cls.__module__)
    if cls.__qualname__ != cls.__name__:
        raise NotAlone(
            f"{cls.__qualname__} is defined inside of a function or class. Define it at the top of a module."
        )
    file = getattr(module, "__file__", None)
    if module is main or not file or not _defined_in(cls, file):
        name = Path(file).stem if file and _defined_in(cls, file) else ""
        name = re.sub(r"\W", "_", name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        name = f"{name}_model" if name in _RESERVED or name in sys.stdlib_module_names or name[0].isdigit() else name
        modules.add(name, sliced_source(cls))
        return name, modules
    name = cls.__module__
    if name.partition(".")[0] in _RESERVED:
        raise NotAlone(f"A module {name} would hide the job's own {name}. Give {file} another name.")
    for length in range(1, name.count(".") + 1):
        parent = ".".join(name.split(".")[:length])
        spec = importlib.util.find_spec(parent)
        if spec and spec.origin:
            modules.add(parent, Path(spec.origin).read_text(), is_package=True)
    modules.add(name, Path(file).read_text(), is_package=Path(file).name == "__init__.py")
    return name, modules


def _defined_in(cls: Any, file: str) -> bool:
    """True if the methods of `cls` come from `file`, not from a cell that names this module as its own."""
    functions = [f for f in vars(cls).values() if inspect.isfunction(f)]
    return not functions or any(Path(f.__code__.co_filename) == Path(file) for f in functions)


def logged_metrics(sources: Any) -> list[str]:
    """The names of `self.log(name=...)` in `sources`, in their order."""
    found = [
        keyword.arg
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "log"
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "self"
        for keyword in node.keywords
    ]
    return [name for name in dict.fromkeys(found) if name]


def requirements_of(cls: Any) -> list[str]:
    """The lines of the class's requirements; a text is the path of a file, relative to the class's."""
    given = cls.requirements
    if isinstance(given, str):
        given = (_folder_of(cls) / given).read_text().splitlines()
    return [line.strip() for line in given if line.strip() and not line.strip().startswith("#")]


def _included(cls: Any) -> dict[str, str]:
    folder, files = _folder_of(cls), {}
    for name in cls.include:
        place = folder / name
        if not place.exists():
            raise NotAlone(f"{cls.__name__}.include names {name}, which is not in {folder}.")
        for file in [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file()):
            if "__pycache__" not in file.parts:
                files[file.relative_to(folder).as_posix()] = file.read_text()
    return files


def _folder_of(cls: Any) -> Path:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return Path(file).resolve().parent if file else Path.cwd()


_checked: set[str] = set()


class AloneCheck:
    """Imports the class from its archive alone, in a process of its own. `result()` waits for it."""

    def __init__(self, bundle: Bundle):
        self.bundle = bundle
        self._process: subprocess.Popen[str] | None = None
        if bundle.digest in _checked:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="sagewright-alone-")
        for name, text in bundle.files.items():
            file = Path(self._folder.name, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        program = (
            f"import sys; sys.path.insert(0, {self._folder.name!r}); sys.dont_write_bytecode = True\n"
            f"import importlib; getattr(importlib.import_module({bundle.module!r}), {bundle.cls!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            cwd=self._folder.name,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def result(self) -> None:
        """Raise NotAlone if the import failed, with its last line and place."""
        if self._process is None:
            return
        _out, error = self._process.communicate()
        self._folder.cleanup()
        if self._process.returncode:
            lines = error.strip().splitlines() or ["it ended without a word"]
            places = [line.strip() for line in lines if line.strip().startswith("File") and self._folder.name in line]
            place = places[-1].replace(f"{self._folder.name}/", "") if places else self.bundle.module
            raise NotAlone(
                f"{self.bundle.cls} does not import by itself, as a job must: {lines[-1]} ({place}). A job has the "
                "class's module, what it imports, and its requirements; put what else runs under "
                'if __name__ == "__main__".'
            )
        _checked.add(self.bundle.digest)
