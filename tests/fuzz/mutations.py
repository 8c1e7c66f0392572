"""Mutations of model files: of bytes, of a document's values, of lines of numbers, and of arrays."""

import io
import json
import zipfile
from random import Random
from typing import Any

import numpy as np

from algorithms.amazon import model_file
from algorithms.formats import ubjson
from tests.fuzz.seeds import read_numpy

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 100, 255, 256, 65535, 10**6, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53, 2**63 - 1, -(2**63),
    2**64, 0.5, -0.0, 1e-320, 1e30, 1e39, 1e308, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip
TEXTS = (
    "",
    "0",
    "-1",
    "1",
    "3",
    "99999",
    "2147483648",
    "1e9",
    "nan",
    "gbtree",
    "dart",
    "multi:softmax",
    "[5E-1]",
    "[1,2,3]",
    "\0",
    "x" * 5000,
)
DTYPES = ("<f4", "<f8", ">f4", "<i4", "<i8", "<u1", "<i2", "<f2", ">i8", "<u8")


def mutate(form: str, files: dict[str, bytes], random: Random) -> dict[str, bytes]:
    """The files with one of them changed in one to four places."""
    name = random.choice(sorted(files))
    content = files[name]
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        content = _mutate(form, name, content, random)
    return files | {name: content}


def _mutate(form: str, name: str, content: bytes, random: Random) -> bytes:
    if random.random() < 0.3:
        return mutate_bytes(content, random)
    try:
        if form == "xgboost-ubjson":
            return ubjson.dumps(_plain(mutate_document(ubjson.loads(content), random)))
        if name.endswith(".json") or form == "xgboost-json":
            return json.dumps(mutate_document(json.loads(content), random)).encode()
        if form == "lightgbm":
            return mutate_lines(content, random)
        if name == model_file.NAME:
            return mutate_arrays(content, random)
    except Exception:  # an earlier mutation broke the format
        return mutate_bytes(content, random)
    return mutate_words(content, random)


def mutate_bytes(content: bytes, random: Random) -> bytes:
    """Change, remove, repeat or exchange bytes anywhere."""
    data = bytearray(content or b"\0")
    at = random.randrange(len(data))
    size = min(random.choice((1, 1, 2, 4, 8, 64, 1000)), len(data) - at)
    kind = random.randrange(6)
    if kind == 0:
        data[at] ^= 1 << random.randrange(8)
    elif kind == 1:
        data[at : at + size] = random.randbytes(size)
    elif kind == 2:
        del data[at : at + size]
    elif kind == 3:
        data[at:at] = data[at : at + size] * random.choice((1, 2, 50))
    elif kind == 4:
        del data[at:]
    else:
        data[at : at + size] = random.choice((b"\0", b"\xff", b"\x7f", b"9", b"-")) * size
    return bytes(data)


def mutate_words(content: bytes, random: Random) -> bytes:
    """Replace an aligned word: a size, an offset or a number of a binary format."""
    data = bytearray(content)
    size = random.choice((2, 4, 4, 8))
    at = random.randrange(max(1, len(data) // size)) * size
    number = random.choice((0, 1, 2, 255, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1, len(data)))
    number %= 2 ** (8 * size)
    data[at : at + size] = number.to_bytes(size, "little")
    return bytes(data)


def mutate_document(document: Any, random: Random) -> Any:
    """Change one value, found by a random walk, or a number that decides where the walk through a tree goes."""
    if random.random() < 0.4 and _mutate_tree(document, random):
        return document
    position, key = document, None
    parent = None
    while isinstance(position, dict | list) and len(position) and (parent is None or random.random() < 0.93):
        keys = list(position) if isinstance(position, dict) else range(len(position))
        parent, key = position, random.choice(keys)
        position = parent[key]
    if parent is None:
        return document
    if isinstance(position, np.ndarray):
        parent[key] = _changed_array(position, random)
    elif isinstance(parent, dict) and random.random() < 0.05:
        del parent[key]
    elif isinstance(parent, list) and random.random() < 0.2:
        _change_list(parent, key, random)
    else:
        parent[key] = _changed_value(position, random)
    return document


def _mutate_tree(document: Any, random: Random) -> bool:
    """Change a child or a feature of a node of an XGBoost model; whether the document is one with trees."""
    try:
        tree = random.choice(document["learner"]["gradient_booster"]["model"]["trees"])
        name = random.choice(("left_children", "right_children", "split_indices", "default_left"))
        values = tree[name]
        node = random.randrange(len(values))
        others = (
            -1,
            0,
            node - 1,
            node,
            node + 1,
            len(values) - 1,
            len(values),
            random.randrange(len(values)),
            2 * 10**9,
        )
        changed = np.array(values) if isinstance(values, np.ndarray) else values
        changed[node] = random.choice(others) % 256 if name == "default_left" else random.choice(others)
        tree[name] = changed
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return False
    return True


def _changed_value(value: Any, random: Random) -> Any:
    if isinstance(value, str) and random.random() < 0.9:
        return random.choice(TEXTS)
    if isinstance(value, int | float) and random.random() < 0.5:
        return value + random.choice((-2, -1, 1, 2, 0.5))
    return random.choice((*NUMBERS, *TEXTS, None, True, [], {}, [[]], [0] * 1000))


def _change_list(items: list, at: int, random: Random) -> None:
    kind = random.randrange(5)
    if kind == 0:
        del items[at]
    elif kind == 1:
        items.insert(at, items[at])
    elif kind == 2:
        random.shuffle(items)
    elif kind == 3:
        items.reverse()
    else:
        del items[at:]


def _changed_array(array: np.ndarray, random: Random) -> np.ndarray:
    kind = random.randrange(8)
    with np.errstate(all="ignore"):
        if kind == 0 and array.ndim:
            return array[: random.randrange(len(array) + 1)]
        if kind == 1 and array.ndim:
            return np.concatenate([array, array[-1:]])
        if kind == 2:
            return array.astype(random.choice(DTYPES))
        changed = array.copy()
        if kind == 3:
            np.random.default_rng(random.randrange(2**32)).shuffle(changed)
            return changed
        if kind == 4:
            return changed.reshape(random.choice(((-1,), (1, -1), (-1, 1))))
        if kind == 5 and array.ndim == 2:
            return np.ascontiguousarray(changed.T)
        if not changed.size:
            return changed
        number = random.choice(NUMBERS)
        if changed.dtype.kind in "iu":
            number = 0 if number != number or abs(number) > 2**62 else int(number)
            number = min(max(number, np.iinfo(changed.dtype).min), np.iinfo(changed.dtype).max)
        changed.reshape(-1)[random.randrange(changed.size)] = number
        return changed


def _plain(document: Any) -> Any:
    """The document without what UBJSON has no type for here."""
    if isinstance(document, dict):
        return {key: _plain(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_plain(value) for value in document]
    if isinstance(document, np.ndarray):
        return document.astype("<f4").reshape(-1) if document.dtype.str[1:] in ("u8", "f2") else document.reshape(-1)
    if document is None or isinstance(document, bool):
        return int(bool(document))
    if isinstance(document, int) and not -(2**63) <= document < 2**63:
        return float(2**62)
    if isinstance(document, float) and abs(document) > 3e38 and document == document:
        return 3e38
    return document


def mutate_lines(content: bytes, random: Random) -> bytes:
    """Change a number, its neighbours or a line of a text of `name=numbers`."""
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    name, equals, value = lines[at].partition(b"=")
    words = value.split(b" ")
    kind = random.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[random.randrange(len(lines))])
    elif not equals:
        return mutate_bytes(content, random)
    else:
        index = random.randrange(len(words))
        if kind == 2:
            words.insert(index, random.choice(words))
        elif kind == 3:
            del words[index]
        elif kind == 4:
            words[index] = repr(random.choice(NUMBERS)).encode()
        else:
            words[index] = str(random.randrange(-9, 9)).encode()
        lines[at] = name + equals + b" ".join(words)
    return b"\n".join(lines)


def mutate_arrays(content: bytes, random: Random) -> bytes:
    """Change the meta data or an array of a model file of a first-party algorithm."""
    meta, arrays = read_numpy(content)
    if random.random() < 0.3:
        meta = mutate_document(meta, random)
    else:
        name = random.choice(sorted(arrays))
        if random.random() < 0.1:
            del arrays[name]
        else:
            arrays[name] = _changed_array(arrays[name], random)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("meta.json", json.dumps(meta))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, array, (1, 0), allow_pickle=False)
    return out.getvalue()
