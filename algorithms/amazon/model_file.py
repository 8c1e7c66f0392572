"""Reads and writes the model file `model_algo-1`: a zip of meta.json and arrays, safe to open from any source.

AWS's file of the same name is an MXNet model. It cannot be read here, because MXNet is no longer maintained.
The reader never unpickles. Members are stored without compression, so there is no zip bomb. The reader compares the
size of every array with its header first.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import UserError

NAME = "model_algo-1"
FORMAT = 1
_MAX_NUMBER = 2.0**63
_HINT = f"Expected the file {NAME} that training with this engine writes."


class Model:
    """The content of a model file: `meta`, a JSON object, and `arrays` by name."""

    def __init__(self, meta: dict[str, Any], arrays: dict[str, np.ndarray]):
        self.meta = meta
        self.arrays = arrays

    def array(self, name: str, *shape: int) -> np.ndarray:
        """Return the array called `name`.

        Raises UserError if it is missing, not finite, or not of `shape` (-1: any).
        """
        value = self.arrays.get(name)
        if value is None:
            raise UserError(f"Unable to load model: {NAME} has no array {name}.")
        if not _fits(value.shape, shape):
            raise UserError(f"Unable to load model: array {name} of {NAME} has the shape {value.shape}, not {shape}.")
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise UserError(f"Unable to load model: array {name} of {NAME} holds values that are not finite.")
        return value

    def number(self, name: str, minimum: float = -math.inf) -> Any:
        """Return a number of `meta`. Raises UserError if it is missing, no number, or less than `minimum`."""
        value = self.meta.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not minimum <= value < _MAX_NUMBER:
            raise UserError(f"Unable to load model: meta.json of {NAME} has no usable {name}.")
        return value

    def word(self, name: str, options: tuple[str, ...]) -> str:
        """Return a word of `meta`. Raises UserError if it is not one of `options`."""
        value = self.meta.get(name)
        if value not in options:
            raise UserError(f"Unable to load model: meta.json of {NAME} has no usable {name}.")
        return str(value)


def _fits(shape: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return len(shape) == len(expected) and all(size in (-1, n) for n, size in zip(shape, expected, strict=True))


def save(model_dir: Path, algorithm: str, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write the model file atomically."""
    model_dir.mkdir(parents=True, exist_ok=True)
    part = model_dir / f".{NAME}.part"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
        out.writestr("meta.json", json.dumps({"format": FORMAT, "algorithm": algorithm, **meta}, indent=1))
        for name, array in arrays.items():
            with out.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    part.replace(model_dir / NAME)


def load(model_dir: Path, algorithm: str) -> Model:
    """Load the model in `model_dir`. Raises UserError if it is broken, missing or of another algorithm."""
    path = model_dir / NAME
    if not path.is_file():
        raise UserError(f"Unable to load model: the archive holds no model file. {_HINT}")
    try:
        with zipfile.ZipFile(path) as archive:
            meta = _meta(archive)
            arrays = {
                info.filename.removesuffix(".npy"): _array(archive, info)
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            }
        if sum(array.nbytes for array in arrays.values()) > path.stat().st_size:
            raise ValueError("its arrays overlap")
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError, NotImplementedError, RecursionError) as e:
        raise UserError(f"Unable to load model: {NAME} is damaged or not one of ours: {e}. {_HINT}") from e
    if meta.get("format") != FORMAT or meta.get("algorithm") != algorithm:
        raise UserError(f"Unable to load model: {NAME} is a model of {meta.get('algorithm')}, not of {algorithm}.")
    return Model(meta, arrays)


def _meta(archive: zipfile.ZipFile) -> dict[str, Any]:
    info = archive.getinfo("meta.json")
    _check_stored(info)
    meta = json.loads(archive.read(info))
    if not isinstance(meta, dict):
        raise ValueError("meta.json is not an object")
    return meta


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    _check_stored(info)
    stream = io.BytesIO(archive.read(info))
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{info.filename} is of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "fiu" or dtype.hasobject:
        raise ValueError(f"{info.filename} holds {dtype}, not numbers")
    if math.prod(shape) * dtype.itemsize != info.file_size - stream.tell():
        raise ValueError(f"{info.filename} is cut off")
    flat = np.frombuffer(stream.getbuffer()[stream.tell() :], dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _check_stored(info: zipfile.ZipInfo) -> None:
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size or info.flag_bits & 1:
        raise ValueError(f"{info.filename} is packed or encrypted")
