"""The files that a job with people's own code gets: their sources, and for a class what runs it.

A class travels as source, beside the small runtime of the SDK (`sagewright/runtime/`, which is only read here, as
text) and the two entry points of script mode. Nothing is imported or run.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jobs.code.check import CodeCheck
from jobs.code.kinds import CLASS
from jobs.code.spec import CodeSpec

TRAIN, INFERENCE, MANIFEST, REQUIREMENTS = "train.py", "inference.py", "sagewright_model.json", "requirements.txt"
_TRAIN = '''"""Trains {cls} of {module}. Written by Sagewright."""

from sagewright.runtime.job import main

if __name__ == "__main__":
    main()
'''
_INFERENCE = '''"""Answers with {cls} of {module}. Written by Sagewright."""

import sys
from pathlib import Path

for place in (Path(__file__).resolve().parent, Path("/opt/ml/code"), Path("/opt/ml/model/code")):
    if (place / "{manifest}").is_file():
        sys.path.insert(0, str(place))
        break

from sagewright.runtime.job import input_fn, model_fn, output_fn, predict_fn  # noqa: E402, F401
'''


def source_files(
    code: CodeSpec, check: CodeCheck, others: Mapping[str, bytes], options: Mapping[str, Mapping[str, Any]]
) -> dict[str, bytes]:
    """{name: content} of the source folder. `others` are the files of the uploaded archive.

    `options` are {channel: {"target", "header"}}, by which a class's channels are read.
    """
    files = dict(others) | {code.file: code.text.encode()}
    if code.requirements.strip():
        files[REQUIREMENTS] = f"{code.requirements.strip()}\n".encode()
    if code.kind == CLASS:
        files |= {name: text.encode() for name, text in class_files(code, check, options).items()}
    return files


def class_files(code: CodeSpec, check: CodeCheck, options: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """`runner_files` of a class as its source was checked."""
    channels = {channel.name: {"kind": channel.kind, **options.get(channel.name, {})} for channel in check.channels}
    return runner_files(code.entry.partition(":")[0], check.name, channels, check.rows)


def runner_files(module: str, cls: str, channels: Mapping[str, Mapping[str, Any]], rows: str) -> dict[str, str]:
    """What runs a Model class in script mode: the runtime, the entry points, and which class is meant.

    `channels` are {argument of train: {"kind", "target", "header"}}, `rows` is the kind that `predict` takes.
    """
    manifest = {"module": module, "class": cls, "channels": channels, "rows": rows}
    names = {"cls": cls, "module": module, "manifest": MANIFEST}
    return runtime_files() | {
        MANIFEST: json.dumps(manifest, indent=1),
        TRAIN: _TRAIN.format(**names),
        INFERENCE: _INFERENCE.format(**names),
    }


@cache
def runtime_files() -> dict[str, str]:
    """{name: text} of the package `sagewright` as a job has it. Raises FileNotFoundError where it is not installed."""
    spec = importlib.util.find_spec("sagewright")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package sagewright is not installed.")
    folder = Path(spec.origin).parent / "runtime"
    files = {f"sagewright/runtime/{file.name}": file.read_text() for file in sorted(folder.glob("*.py"))}
    if "sagewright/runtime/package.py" not in files:
        raise FileNotFoundError(f"{folder} has no runtime. Install sagewright again.")
    files["sagewright/__init__.py"] = files.pop("sagewright/runtime/package.py")
    return files


def archive(files: Mapping[str, bytes]) -> bytes:
    """sourcedir.tar.gz: the same bytes for the same files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)
