"""The files of a portable model, and their archive as a stream: the artifact passes through and is never in memory."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from typing import Any

from algorithms.spec import Algorithm
from jobs.portable.files import ARTIFACT, MANIFEST, MODULES, PACKAGE, PROGRAM, README, REQUIREMENTS, SCHEMA
from jobs.portable.sources import packed

FORMAT = 1
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)
_PROGRAM = f'''"""Predicts rows by column name with the model in this folder. Sagewright wrote it and is not needed.

    python predict.py rows.csv                  prints a line of JSON for each row
    from predict import load
    load(".").predict([{{"age": 41}}])            answers a list with a dictionary for each row
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER / "{MODULES}"))

from {PACKAGE}.jobs.portable.model import load, main  # noqa: E402

__all__ = ["load"]

if __name__ == "__main__":
    sys.exit(main(FOLDER))
'''
_README = """# {name}

{title}, trained with Sagewright. `predict.py` predicts rows by column name, as the model's endpoint does, and needs
Python 3.11 and what `{requirements}` lists. It needs neither Sagewright nor a network.

    pip install -r {requirements}
    python {program} rows.csv

`rows.csv` has commas and, in its first line, column names: {columns}. Other files are `.json` and `.jsonl`.
From Python:

    from predict import load
    load(".").predict([{{{example}}}])

| file | what it is |
|---|---|
| `{artifact}` | {about} |
| `{schema}` | how each column becomes numbers, the labels, and the threshold where one is kept |
| `{manifest}` | where the model comes from: data with its ETags, recipe, hyperparameters, seed, versions |
| `{modules}` | the modules that `{program}` imports |
"""
_WHOLE = "the artifact, byte for byte as training wrote it; an endpoint takes it as it is"


def bundle_files(
    algorithm: Algorithm, name: str, schema: Mapping[str, Any], facts: Mapping[str, Any], within: bool = False
) -> dict[str, bytes]:
    """{name: content} of everything but the artifact. `facts` say where the model comes from, as JSON.

    `within`: they go into a folder of the artifact itself, and not beside it.

    Raises Problem for an algorithm whose sources are not ours.
    """
    versions = library_versions(algorithm)
    artifact, about = ("../", "the model itself") if within else (ARTIFACT, _WHOLE)
    manifest = {
        "format": FORMAT, "name": name, "algorithm": algorithm.name, "predictor": algorithm.predictor,
        "accept": algorithm.accept_header or "application/json", **facts, "libraries": versions,
    }  # fmt: skip
    columns = [column["name"] for column in schema["columns"] if column["role"] == "feature"]
    readme = _README.format(
        name=name, title=algorithm.title, requirements=REQUIREMENTS, program=PROGRAM, artifact=artifact, about=about,
        schema=SCHEMA, manifest=MANIFEST, modules=MODULES,
        columns=", ".join(columns[:20]) + (", ..." if len(columns) > 20 else ""),
        example=", ".join(f"{json.dumps(column, ensure_ascii=False)}: ..." for column in columns[:3])
        + (", ..." if len(columns) > 3 else ""),
    )  # fmt: skip
    pinned = "".join(f"{library}=={version}\n" if version else f"{library}\n" for library, version in versions.items())
    return {
        README: readme.encode(),
        PROGRAM: _PROGRAM.encode(),
        REQUIREMENTS: pinned.encode(),
        MANIFEST: _as_json(manifest),
        SCHEMA: _as_json(schema),
        MODULES: packed(algorithm.predictor),
    }


def library_versions(algorithm: Algorithm) -> dict[str, str]:
    """{package that the algorithm's predictor imports: its installed version, "" for none}."""
    return {library: _version(library) or _version(f"{library}-cpu") for library in ("numpy", *algorithm.libraries)}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def seeds_of(algorithm: Algorithm, hyperparameters: Mapping[str, str], holdout: int) -> dict[str, int]:
    """{"holdout": of the choice of held-out rows, hyperparameter: its value}; an algorithm without one has its own."""
    seeds = {"holdout": holdout}
    for hyperparameter in algorithm.hyperparameters:
        if hyperparameter.name == "seed" or hyperparameter.name.endswith("_seed"):
            value = hyperparameters.get(hyperparameter.name, hyperparameter.default)
            if value is not None:
                seeds[hyperparameter.name] = int(value)
    return seeds


def archive_size(files: Mapping[str, bytes], artifact_size: int) -> int:
    """The bytes of `archive`."""
    sizes = [artifact_size, *map(len, files.values())]
    return sum(_BLOCK + size + -size % _BLOCK for size in sizes) + len(_END)


def archive(folder: str, files: Mapping[str, bytes], artifact: Iterable[bytes], artifact_size: int) -> Iterator[bytes]:
    """A tar archive of `folder` with `files` and the artifact, whose pieces pass through.

    Raises ValueError for an artifact that is not as long as `artifact_size`: whoever downloads it must see it broken.
    """
    for name, content in files.items():
        yield _header(f"{folder}/{name}", len(content)) + content + bytes(-len(content) % _BLOCK)
    yield _header(f"{folder}/{ARTIFACT}", artifact_size)
    passed = 0
    for piece in artifact:
        passed += len(piece)
        yield piece
    if passed != artifact_size:
        raise ValueError(f"the artifact has {passed} bytes and not {artifact_size}")
    yield bytes(-artifact_size % _BLOCK) + _END


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member.tobuf(tarfile.USTAR_FORMAT)


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
