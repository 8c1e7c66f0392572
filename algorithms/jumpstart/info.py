"""model_info.json: what a model's own format does not say of it. A model without one is served all the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from algorithms.contract import UserError
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION

NAME = "model_info.json"
_LARGEST = 16 * 1024 * 1024  # bytes
COMPANIONS = (".json", ".md", ".csv", ".py", ".yaml", ".yml")


@dataclass(frozen=True)
class Info:
    """The task, the label of each class in the order of the probabilities, and where the categories are."""

    library: str
    task: str
    classes: tuple[float, ...]
    features: int
    categories: tuple[int, ...] = ()


def write(info: Info, folder: Path) -> None:
    (folder / NAME).write_text(json.dumps(asdict(info), indent=1) + "\n")


def read(folder: Path) -> Info | None:
    """What the file in `folder` says, None if there is none. Raises UserError for one that cannot be used."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        told = json.loads(path.read_bytes())
        info = Info(
            str(told["library"]), str(told["task"]), tuple(float(c) for c in told["classes"]), int(told["features"]),
            tuple(int(place) for place in told["categories"]),
        )  # fmt: skip
        if info.task not in (BINARY, MULTICLASS, REGRESSION) or (info.task != REGRESSION) != bool(info.classes):
            raise ValueError(f"task {info.task!r} does not go with {len(info.classes)} classes")
        if any(not 0 <= place < info.features for place in info.categories):
            raise ValueError("a category lies outside the features")
    except (ValueError, KeyError, TypeError) as e:
        raise UserError(f"Unable to load model: '{NAME}' cannot be used: {type(e).__name__}: {e}") from e
    return info


def put(folder: Path, name: str, content: bytes) -> None:
    """The file, complete or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def model_file(folder: Path, names: tuple[str, ...], suffix: str) -> Path:
    """The file that holds the model: one of `names`, else the first with `suffix`. Raises UserError."""
    if not folder.is_dir():
        raise UserError(f"Unable to load model: there is no folder {folder.name}.")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "_")))
    by_name = {path.name: path for path in files}
    found = next((by_name[name] for name in names if name in by_name), None)
    found = found or next((p for p in files if p.suffix == suffix), None)
    found = found or next((p for p in files if p.suffix not in COMPANIONS), None)  # refused later, by what it is
    if found is None:
        raise UserError(f"Unable to load model: the archive holds no model file. Expected a file named {names[0]}.")
    return found


def is_pickle(head: bytes) -> bool:
    """Does a file that starts so look like a Python pickle?"""
    return head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(", b"ccopy_reg", b"\x78\x9c"))
