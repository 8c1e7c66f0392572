"""Reads and writes RecordIO-protobuf, SageMaker's format: framed records, each a protobuf message of named tensors.

A frame is magic, length, payload, padding to four bytes, all little-endian. The payload is aialgs `Record`
(features: map 1, label: map 2, each string -> Value; Value: float32 = 2, float64 = 3, int32 = 7; a tensor: values = 1,
keys = 2, shape = 3). It needs no protobuf runtime. Readers raise ValueError for malformed data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from algorithms.formats.protobuf import as_varint, block, fields, integers
from algorithms.formats.sparse_width import MAX_COLUMNS, index_problem

MAGIC = 0xCED7230A
_NUMBERS: dict[int, np.dtype] = {2: np.dtype("<f4"), 3: np.dtype("<f8")}
_INT32 = 7


@dataclass
class Tensor:
    """Numbers of one record. Sparse if `keys` is set: then `shape` holds the width and keys are 0-based columns."""

    values: np.ndarray
    keys: np.ndarray | None = None
    shape: tuple[int, ...] = ()


@dataclass
class Record:
    """One example with named features and labels. SageMaker's algorithms use the name `values` for both."""

    features: dict[str, Tensor] = field(default_factory=dict)
    label: dict[str, Tensor] = field(default_factory=dict)


def read_frames(data: bytes) -> Iterator[memoryview]:
    """Yield the payload of every frame."""
    view, at, end = memoryview(data), 0, len(data)
    while at < end:
        if end - at < 8:
            raise ValueError("the last record is cut off")
        magic, length = struct.unpack_from("<II", data, at)
        if magic != MAGIC:
            raise ValueError("not RecordIO: a record does not start with the magic number")
        length &= 0x1FFFFFFF  # the three highest bits number the part of a split record
        if at + 8 + length > end:
            raise ValueError("the last record is cut off")
        yield view[at + 8 : at + 8 + length]
        at += 8 + (length + 3) // 4 * 4


def read_record(payload: bytes | memoryview) -> Record:
    """Decode the record in one frame."""
    record = Record()
    for number, value in fields(memoryview(payload)):
        if number in (1, 2):
            entry = dict(fields(value))
            if 2 in entry:
                name = bytes(entry.get(1, b"")).decode()
                (record.features if number == 1 else record.label)[name] = _tensor(entry[2])
    return record


def read_table(data: bytes) -> tuple[np.ndarray | Sparse, np.ndarray]:
    """Decode all records into (features, labels): dense float32 or Sparse, and float32, empty if there are none."""
    fast = _read_uniform(data)
    if fast is not None:
        return fast
    rows: list[Tensor] = []
    labels: list[np.ndarray] = []
    for payload in read_frames(data):
        record = read_record(payload)
        if "values" not in record.features:
            raise ValueError("a record has no features called 'values'")
        rows.append(record.features["values"])
        if "values" in record.label:
            labels.append(record.label["values"].values)
    y = np.concatenate(labels).astype(np.float32) if labels else np.empty(0, np.float32)
    if labels and len(y) != len(rows):
        raise ValueError(f"{len(rows)} records carry {len(y)} labels; each needs exactly one")
    if any(row.keys is not None for row in rows):
        return _sparse(rows), y
    if len({len(row.values) for row in rows}) > 1:
        raise ValueError("the records do not all have the same number of features")
    x = np.array([row.values for row in rows], np.float32)
    return (x if rows else np.empty((0, 0), np.float32)), y


@dataclass
class Sparse:
    """Rows in compressed form (CSR): `columns[starts[i]:starts[i+1]]` and the same slice of `values` are row i."""

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    width: int


def write_record(features: Mapping[str, Tensor], label: Mapping[str, Tensor] | None = None) -> bytes:
    """Encode one framed record."""
    body = b"".join(
        block(number, block(1, name.encode()) + block(2, _value(tensor)))
        for number, tensors in ((1, features), (2, label or {}))
        for name, tensor in tensors.items()
    )
    return struct.pack("<II", MAGIC, len(body)) + body + b"\0" * (-len(body) % 4)


def write_table(features: np.ndarray, labels: Iterable[float] | None = None, dtype: str = "<f4") -> bytes:
    """Encode dense rows, and one label each if `labels` is set, as framed records."""
    x = np.ascontiguousarray(features, dtype)
    if len(x) > 1:
        y = None if labels is None else np.fromiter(labels, dtype)
        if y is not None and len(y) != len(x):
            raise ValueError(f"{len(x)} rows and {len(y)} labels")
        return _write_uniform(x, y)
    if labels is None:
        return b"".join(write_record({"values": Tensor(row)}) for row in x)
    pairs = zip(x, labels, strict=True)
    return b"".join(
        write_record({"values": Tensor(row)}, {"values": Tensor(np.array([y], np.dtype(dtype)))}) for row, y in pairs
    )


def _write_uniform(x: np.ndarray, y: np.ndarray | None) -> bytes:
    """Encode all records at once. They differ only in their numbers, which have the same offsets in each."""
    marks = np.arange(1, x.shape[1] + 2).astype(x.dtype)  # numbers whose bytes are unique in the first record
    label = None if y is None else {"values": Tensor(marks[-1:])}
    one = write_record({"values": Tensor(marks[:-1])}, label)
    table = np.tile(np.frombuffer(one, np.uint8), (len(x), 1))
    at = one.index(marks[:-1].tobytes())
    table[:, at : at + x.nbytes // len(x)] = x.view(np.uint8).reshape(len(x), -1)
    if y is not None:
        at = one.index(marks[-1:].tobytes(), at + x.nbytes // len(x))
        table[:, at : at + y.itemsize] = y.view(np.uint8).reshape(len(x), -1)
    return table.tobytes()


def write_sparse_table(values: np.ndarray, columns: np.ndarray, width: int, labels: np.ndarray | None = None) -> bytes:
    """Encode rows that each name equally many of their `width` columns, as framed sparse records.

    `values` and `columns` have shape (rows, entries); `labels` (rows,).
    """
    x, keys = np.ascontiguousarray(values, "<f4"), np.ascontiguousarray(columns, np.uint64)
    size = len(as_varint(max(width - 1, 0)))
    # A varint may be longer than it must be: of equal length, all records have the layout of the first.
    shifts = np.arange(size, dtype=np.uint64) * np.uint64(7)
    varints = ((keys[:, :, None] >> shifts) & np.uint64(0x7F)).astype(np.uint8)
    varints[:, :, :-1] |= 0x80
    marks = np.arange(1, x.shape[1] + 2, dtype="<f4")
    mark = b"\xff" * (size * x.shape[1])
    shape = block(3, as_varint(width))
    tensor = block(2, block(1, marks[:-1].tobytes()) + block(2, mark) + shape)
    body = block(1, block(1, b"values") + block(2, tensor))
    if labels is not None:
        body += block(2, block(1, b"values") + block(2, _value(Tensor(marks[-1:]))))
    one = struct.pack("<II", MAGIC, len(body)) + body + b"\0" * (-len(body) % 4)
    table = np.tile(np.frombuffer(one, np.uint8), (len(x), 1))
    at = one.index(marks[:-1].tobytes())
    table[:, at : at + 4 * x.shape[1]] = x.view(np.uint8).reshape(len(x), -1)
    at = one.index(mark, at + 4 * x.shape[1])
    table[:, at : at + len(mark)] = varints.reshape(len(x), -1)
    if labels is not None:
        at = one.index(marks[-1:].tobytes(), at + len(mark))
        table[:, at : at + 4] = np.ascontiguousarray(labels, "<f4").view(np.uint8).reshape(len(x), -1)
    return table.tobytes()


def write_sparse_rows(
    values: np.ndarray, columns: np.ndarray, starts: np.ndarray, width: int, labels: np.ndarray | None = None
) -> bytes:
    """Encode rows of any number of entries, as framed sparse records in order.

    `values` and `columns` hold the entries of all rows, those of row i from `starts[i]` to `starts[i + 1]`; `labels`
    (rows,).
    """
    sizes = np.diff(starts)
    records: list[bytes] = [b""] * len(sizes)
    for size in np.unique(sizes).tolist():  # rows of one size are encoded at once
        rows = np.flatnonzero(sizes == size)
        at = starts[rows][:, None] + np.arange(size)
        together = write_sparse_table(values[at], columns[at], width, None if labels is None else labels[rows])
        length = len(together) // len(rows)
        for number, row in enumerate(rows.tolist()):
            records[row] = together[number * length : (number + 1) * length]
    return b"".join(records)


def _read_uniform(data: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """Decode all records at once if each has the layout of the first: dense, same width. Much faster."""
    if len(data) < 8 or struct.unpack_from("<I", data)[0] != MAGIC:
        return None
    length = struct.unpack_from("<I", data, 4)[0]
    frame = 8 + (length + 3) // 4 * 4
    if length == 0 or len(data) % frame:
        return None
    first = read_record(memoryview(data)[8 : 8 + length])
    x, y = first.features.get("values"), first.label.get("values")
    if x is None or x.keys is not None or not len(x.values) or x.values.base is None or len(first.features) > 1:
        return None
    if len(first.label) > 1 or (y is not None and (len(y.values) != 1 or y.values.base is None)):
        return None
    table = np.frombuffer(data, np.uint8).reshape(-1, frame)
    start = np.frombuffer(data, np.uint8).__array_interface__["data"][0]
    fixed = np.ones(frame, bool)
    parts = []
    for tensor in (x, y):
        if tensor is None:
            continue
        at = tensor.values.__array_interface__["data"][0] - start
        fixed[at : at + tensor.values.nbytes] = False
        parts.append((slice(at, at + tensor.values.nbytes), tensor.values.dtype))
    if not (table[:, fixed] == table[0, fixed]).all():
        return None
    arrays = [np.ascontiguousarray(table[:, part]).view(dtype).astype(np.float32) for part, dtype in parts]
    return arrays[0], (arrays[1].ravel() if len(arrays) > 1 else np.empty(0, np.float32))


def _sparse(rows: list[Tensor]) -> Sparse:
    width, columns = 0, []
    for number, row in enumerate(rows, 1):
        keys = np.arange(len(row.values), dtype=np.int64) if row.keys is None else row.keys
        if len(keys) != len(row.values):
            raise ValueError("a sparse record has not as many keys as values")
        wide = max(row.shape[-1] if row.shape else 0, int(keys.max()) + 1 if len(keys) else 0)
        if wide > MAX_COLUMNS:
            raise ValueError(index_problem(f"record {number}", wide - 1))
        width = max(width, wide)
        columns.append(keys)
    starts = np.concatenate([[0], np.cumsum([len(c) for c in columns])]).astype(np.int64)
    values = np.concatenate([row.values for row in rows]).astype(np.float32)
    return Sparse(starts, np.concatenate(columns), values, width)


def _tensor(value: memoryview) -> Tensor:
    for kind, body in fields(value):
        if kind in _NUMBERS or kind == _INT32:
            parts: dict[int, list] = {1: [], 2: [], 3: []}
            for number, content in fields(body):
                if number in parts:
                    parts[number].append(content)
            if kind == _INT32:
                values = np.array([_signed(v) for v in integers(parts[1])], np.int32)
            else:
                values = _floats(parts[1], _NUMBERS[kind])
            keys = np.array(integers(parts[2]), np.int64) if parts[2] else None
            return Tensor(values, keys, tuple(integers(parts[3])))
    raise ValueError("a record holds something other than float32, float64 or int32 numbers")


def _floats(chunks: list, dtype: np.dtype) -> np.ndarray:
    if len(chunks) == 1:
        return np.frombuffer(chunks[0], dtype)
    return np.frombuffer(b"".join(chunks), dtype).copy()  # not packed: each chunk is one number, and no part of a file


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _value(tensor: Tensor) -> bytes:
    kind = {"f4": 2, "f8": 3, "i4": _INT32}[tensor.values.dtype.str[1:]]
    if kind == _INT32:
        body = block(1, b"".join(as_varint(int(v) & 0xFFFFFFFFFFFFFFFF) for v in tensor.values))
    else:
        body = block(1, tensor.values.astype(_NUMBERS[kind]).tobytes())
    if tensor.keys is not None:
        body += block(2, b"".join(as_varint(int(k)) for k in tensor.keys))
    if tensor.shape:
        body += block(3, b"".join(as_varint(int(n)) for n in tensor.shape))
    return block(kind, body)
