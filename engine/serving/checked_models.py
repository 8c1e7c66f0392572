"""The results of health checks on disk, with the copies of proven models: a model is checked once on each machine."""

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from algorithms.spec import UserError
from engine.serving import health_check
from engine.serving.artifact import drop_oldest
from engine.serving.health_check import CheckResult

VERSION = 3  # of the rules and of what copies hold; a result of other rules does not count
_RESULT = ".result.json"
MAX_DISK = 4 * 1024**3  # bytes of copies


@dataclass(frozen=True)
class CheckedModel:
    """A model that passed its check, and the folder to load it from."""

    folder: Path
    features: int
    row_steps: int | None  # None: it is loaded only in a process of its own
    isolation: str  # why


def find(model_dir: Path, algorithm: str) -> CheckedModel | None:
    """The stored result for the unpacked artifact `model_dir`, None if there is none."""
    folder = _folder(model_dir, algorithm)
    try:
        os.utime(folder)
        result = CheckResult(**json.loads((folder / _RESULT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return _checked(model_dir, folder, result)


def check(model_dir: Path, algorithm: str, environment: dict[str, str], seconds: float) -> CheckedModel:
    """Check the model in a process of its own and store the result. Repeatable. Raises UserError if it fails."""
    folder = _folder(model_dir, algorithm)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(suffix=".new", dir=folder.parent))
    try:
        result = health_check.run(model_dir, algorithm, environment, part, seconds)
        if not result.ok:
            raise UserError(result.reason)
        (part / _RESULT).write_text(json.dumps(result._asdict()))
        try:
            part.rename(folder)
        except OSError:  # another process has checked it meanwhile, or before
            os.utime(folder)
        else:
            drop_oldest(folder.parent, keep=folder, disk=MAX_DISK)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return _checked(model_dir, folder, result)


def _checked(model_dir: Path, folder: Path, result: CheckResult) -> CheckedModel:
    source = model_dir if result.row_steps is None else folder
    return CheckedModel(source, result.features, result.row_steps, result.isolation)


def _folder(model_dir: Path, algorithm: str) -> Path:
    name = hashlib.sha256(f"{VERSION} {model_dir.name} {algorithm}".encode()).hexdigest()[:32]
    return settings.JOBS_FOLDER.parent / "checked-models" / name
