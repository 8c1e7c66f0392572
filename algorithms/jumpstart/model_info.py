"""Reads and writes model_info.json, which holds what a model's own format lacks. The file is optional."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from algorithms.contract import UserError
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION

NAME = "model_info.json"
_MAX_BYTES = 16 * 1024 * 1024  # bytes
COMPANIONS = (".json", ".md", ".csv", ".py", ".yaml", ".yml")


@dataclass(frozen=True)
class ModelInfo:
    """The task, the label of each class in the order of the probabilities, and the categorical columns."""

    library: str
    task: str
    classes: tuple[float, ...]
    features: int
    categories: tuple[int, ...] = ()


def write(info: ModelInfo, folder: Path) -> None:
    """Write model_info.json into `folder`."""
    (folder / NAME).write_text(json.dumps(asdict(info), indent=1) + "\n")


def read(folder: Path) -> ModelInfo | None:
    """Read the file in `folder`, None if there is none. Raises UserError if it is invalid."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("it is too large")
        content = json.loads(path.read_bytes())
        info = ModelInfo(
            library=str(content["library"]),
            task=str(content["task"]),
            classes=tuple(float(c) for c in content["classes"]),
            features=int(content["features"]),
            categories=tuple(int(column) for column in content["categories"]),
        )
        if info.task not in (BINARY, MULTICLASS, REGRESSION) or (info.task != REGRESSION) != bool(info.classes):
            raise ValueError(f"task {info.task!r} does not go with {len(info.classes)} classes")
        if any(not 0 <= column < info.features for column in info.categories):
            raise ValueError("a category lies outside the features")
    except (ValueError, KeyError, TypeError, OverflowError) as e:
        raise UserError(f"Unable to load model: '{NAME}' cannot be used: {type(e).__name__}: {e}") from e
    return info


def copy(folder: Path, target: Path) -> None:
    """Write the file in `folder` into `target` as it was read. Raises UserError if it is invalid."""
    info = read(folder)
    if info is not None:
        write(info, target)


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write a file atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def model_file(folder: Path, names: tuple[str, ...], suffix: str) -> Path:
    """Return the path of the model: one of `names`, else the first file with `suffix`. Raises UserError."""
    if not folder.is_dir():
        raise UserError(f"Unable to load model: there is no folder {folder.name}.")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "_")))
    by_name = {path.name: path for path in files}
    path = next((by_name[name] for name in names if name in by_name), None)
    path = path or next((p for p in files if p.suffix == suffix), None)
    path = path or next((p for p in files if p.suffix not in COMPANIONS), None)  # the caller refuses it by its content
    if path is None:
        raise UserError(f"Unable to load model: the archive holds no model file. Expected a file named {names[0]}.")
    return path


def is_pickle(head: bytes) -> bool:
    """True if a file that starts with `head` looks like a Python pickle."""
    return head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(", b"ccopy_reg", b"\x78\x9c"))
