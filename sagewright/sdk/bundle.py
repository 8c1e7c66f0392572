"""The archive that a job gets: the class's source, the small runtime, and the two entry points of script mode."""

from __future__ import annotations

import ast
import gzip
import hashlib
import importlib.util
import io
import re
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sagewright.runtime.signature import channels_of, rows_kind
from sagewright.sdk.errors import NotAlone
from sagewright.sdk.modules import Modules, covered, distribution_of, read_source
from sagewright.sdk.older_python import for_older_python
from sagewright.sdk.statements import origin, sliced_source

_RESERVED = {"train", "inference", "sagewright", "setup"}
_RESERVED_FILES = {f"{name}.py" for name in _RESERVED}
RunnerFiles = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Bundle:
    """The archive's files, the module and the class in it, and the metrics that its source logs."""

    files: dict[str, bytes]
    module: str
    cls: str
    metrics: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What changes whenever a file does."""
        return hashlib.sha256(self.archive()).hexdigest()

    def archive(self) -> bytes:
        """sourcedir.tar.gz: the same bytes for the same files."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, content in sorted(self.files.items()):
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o644
                tar.addfile(member, io.BytesIO(content))
        return gzip.compress(out.getvalue(), mtime=0)


def bundle_of(cls: Any, options: dict[str, dict[str, Any]], runner_files: RunnerFiles) -> Bundle:
    """The archive of `cls`, whose channels are read by `options`, {channel: {"target": ..., "header": ...}}.

    `runner_files(module, cls, channels, rows)` are the files that run the class: `jobs.code.bundle` has them.
    Raises NotAlone when the source cannot travel, naming what it would miss.
    """
    module, modules = _modules_of(cls)
    requirements = requirements_of(cls)
    if _missing(modules, requirements):  # of the module's imports only those that the class uses need to travel
        module, modules = _needed_of(cls, module, modules)
    for package, by in _missing(modules, requirements).items():
        raise NotAlone(
            f"{by} imports {package}, which the scikit-learn image does not have. There are two ways: let the job "
            f'install it, by requirements = ("{distribution_of(package)}",) on {cls.__name__}; or let the class do '
            f"without it (NumPy and pandas are there), and import it only where your own program uses it."
        )
    sources = {path: for_older_python(path, text) for path, text in modules.files.items()}
    own = {path: text.encode() for path, text in sources.items()} | _included(cls, module)
    channels = {c.name: {"kind": c.kind, **options.get(c.name, {})} for c in channels_of(cls.train)}
    runner = runner_files(module=module, cls=cls.__name__, channels=channels, rows=rows_kind(cls.predict))
    if hidden := sorted(own.keys() & {*runner, *_RESERVED_FILES}):
        raise NotAlone(f"{hidden[0]} would hide the job's own {hidden[0]}. Give the file of yours another name.")
    files = {path: text.encode() for path, text in runner.items()} | own
    if requirements:
        files["requirements.txt"] = ("\n".join(requirements) + "\n").encode()
    logged = dict.fromkeys([*logged_metrics(modules.files.values()), *_texts(cls.metrics)])
    return Bundle(files, module, cls.__name__, tuple(logged))


def _missing(modules: Modules, requirements: list[str]) -> dict[str, str]:
    """{package: the file that imports it} of those that neither the image nor the requirements have."""
    return {package: by for package, by in modules.foreign.items() if not covered(package, requirements)}


def _needed_of(cls: Any, module: str, whole: Modules) -> tuple[str, Modules]:
    """The modules with only the statements of the class's own that it needs; `whole` where these cannot be told."""
    try:
        return _modules_of(cls, whole=False)
    except NotAlone:
        return module, whole


def _modules_of(cls: Any, whole: bool = True) -> tuple[str, Modules]:
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
            modules.add(parent, read_source(Path(spec.origin)), is_package=True)
    text = read_source(Path(file)) if whole else sliced_source(cls)
    modules.add(name, text, is_package=Path(file).name == "__init__.py")
    return name, modules


def _defined_in(cls: Any, file: str) -> bool:
    """True if the methods of `cls` come from `file`, not from a cell that names this module as its own."""
    written = origin(cls)[0]
    return bool(written) and Path(written).resolve() == Path(file).resolve()


def logged_metrics(sources: Any) -> list[str]:
    """The names of `self.log(name=...)` in `sources`, in their order."""
    names = [
        keyword.arg
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "log"
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "self"
        for keyword in node.keywords
    ]
    return [name for name in dict.fromkeys(names) if name]


def requirements_of(cls: Any) -> list[str]:
    """The lines of the class's requirements; a text is the path of a file, relative to the class's."""
    requirements = cls.requirements
    if isinstance(requirements, str):
        requirements = (_folder_of(cls) / requirements).read_text().splitlines()
    return [line.strip() for line in requirements if line.strip() and not line.strip().startswith("#")]


def _texts(value: Any) -> list[str]:
    """The texts of an attribute that has several, or one by itself."""
    return [value] if isinstance(value, str) else list(value)


def _included(cls: Any, module: str) -> dict[str, bytes]:
    """{path in the archive: content}; beside the class's module, so that it finds them as it does here."""
    folder, files = _folder_of(cls), {}
    beside = PurePosixPath(*module.split(".")[: None if _is_package(cls) else -1])
    for name in _texts(cls.include):
        path = folder / name
        if not path.exists():
            raise NotAlone(f"{cls.__name__}.include names {name}, which is not in {folder}.")
        for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
            if not file.resolve().is_relative_to(folder):
                raise NotAlone(f"{cls.__name__}.include names {file}, which is outside of {folder}. Copy it there.")
            if "__pycache__" not in file.parts:
                files[str(beside / file.relative_to(folder).as_posix())] = file.read_bytes()
    return files


def _is_package(cls: Any) -> bool:
    return Path(getattr(sys.modules.get(cls.__module__), "__file__", None) or "").name == "__init__.py"


def _folder_of(cls: Any) -> Path:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return Path(file).resolve().parent if file else Path.cwd()
