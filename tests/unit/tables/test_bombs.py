"""Small files that grow: each is read, or refused in words, within the memory that its reader has."""

import gzip
import io
import json
import multiprocessing
import re
import resource
from collections.abc import Callable
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common.problems import Problem
from tables import Folder, Recipe, inspect, locate, prepare, scan
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

MIB = 2**20
ALLOWED = 640 * MIB  # bytes that reading any of these may take more than an empty process
CEILING = 3072 * MIB  # at which the process of a test dies, should all else fail


def gzipped(piece: bytes, times: int, begin: bytes = b"") -> bytes:
    """The gzip file of `begin` and then `piece` so many times, made without holding what it grows to."""
    out = io.BytesIO()
    with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
        packed.write(begin)
        for _ in range(times):
            packed.write(piece)
    return out.getvalue()


def parquet(table: pa.Table, **options) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def repeated_text() -> bytes:
    """A text of 4 MiB that a dictionary holds once for 100 rows, 400 MB in all."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 100, pa.int32()), pa.array(["x" * 4 * MIB]))
    return parquet(pa.table({"label": list(range(100)), "text": text}), dictionary_pagesize_limit=64 * MIB)


def large_pages() -> bytes:
    """One column of 3 GB in one row group, of which the file keeps some kilobytes."""
    zeros = pa.array([b"\0" * 1000] * 1000, pa.binary(1000))
    out = io.BytesIO()
    schema = pa.schema({"a": pa.binary(1000)})
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=False) as writer:
        writer.write_table(
            pa.Table.from_arrays([pa.chunked_array([zeros] * 2500)], schema=schema), row_group_size=10**9
        )
    return out.getvalue()


BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {  # key: (name, content, words of the refusal or "")
    "one endless line": ("a.csv.gz", lambda: gzipped(b"1" * MIB, 150, b"a,b\n1,2\n"), "row of more than 64 MB"),
    "an endless quoted cell": (
        "b.csv.gz",
        lambda: gzipped(b"x" * MIB, 150, b"a,b\n" + b"1,2\n" * 9 + b'1,"'),
        "row of more than 64 MB",
    ),
    "an endless first line": (
        "c.csv.gz",
        lambda: gzipped(b"1," * (MIB // 2), 150),
        "columns; a table may have 50,000",
    ),
    "a cell of a megabyte": (
        "d.csv",
        lambda: b"a,b\n1,2\n1," + b"x" * 200_000 + b"\n" + b"1,2\n" * 100,
        "cell of more than 131,072 characters",
    ),
    "half a million columns": (
        "e.csv",
        lambda: b",".join([b"1"] * 500_000) + b"\n" + b"1,2\n" * 5,
        "500,000 columns; a table may have 50,000",
    ),
    "many keys and empty objects": (
        "f.jsonl",
        lambda: json.dumps({f"k{i}": i for i in range(1000)}).encode() + b"\n" + b"{}\n" * 1200,
        "",
    ),
    "keys in every object": (
        "g.jsonl",
        lambda: b"".join(b'{"k%d":1}\n' % i for i in range(10_000)),
        "",
    ),
    "deep nesting": (
        "h.jsonl",
        lambda: b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
        "characters|rows|columns|JSON Lines",
    ),
    "deep nesting later on": (
        "i.jsonl",
        lambda: b'{"a":1}\n' * 9 + b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
        "",
    ),
    "one text in every row": ("j.parquet", repeated_text, ""),
    "a row group of gigabytes": ("k.parquet", large_pages, "at most 2,048 MB|raw bytes"),
    "not what its name says": ("l.csv.gz", lambda: b"\x1f\x8b" + b"\0" * 1000, "gzip|decompressed"),
}


@cache
def processes() -> ForkServerContext:
    """A context whose processes have this module loaded and are forked from one that has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _use(root: Path, key: str, verb: str, answer) -> None:
    """In a process of its own: inspect, scan or prepare the table, and send what it says and the bytes it took."""
    resource.setrlimit(resource.RLIMIT_DATA, (CEILING, CEILING))
    folder, uri = Folder(root), f"s3://{BUCKET}/{key}"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = ""
    try:
        if verb == "inspect":
            inspect(folder, uri)
        elif verb == "scan":
            scan(locate(folder, uri))
        else:
            recipe = Recipe(validation="none", bad_rows="drop")
            prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    except Problem as e:
        message = str(e)
    answer.send((message, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024))


@pytest.fixture(scope="module")
def bombs(tmp_path_factory) -> Path:
    """A folder with every bomb."""
    root = tmp_path_factory.mktemp("bombs")
    (root / BUCKET).mkdir()
    for key, content, _ in BOMBS.values():
        (root / BUCKET / key).write_bytes(content())
    return root


# Inspecting them opens the same readers; to scan them takes ten seconds each.
LONG = ("one text in every row", "many keys and empty objects", "keys in every object")
READINGS = [
    pytest.param(name, verb, id=f"{name}-{verb}", marks=[pytest.mark.long] * (verb == "scan" and name in LONG))
    for name in BOMBS
    for verb in ("inspect", "scan")
]


@pytest.mark.parametrize(("name", "verb"), READINGS)
def test_a_bomb_takes_no_more_memory_than_its_reader_has(bombs, name, verb):
    key, _, refusal = BOMBS[name]
    assert (bombs / BUCKET / key).stat().st_size < 20 * MIB
    receiver, sender = multiprocessing.Pipe(duplex=False)
    # Not forked from this process: threads of Polars hold locks that nobody would give back.
    process = processes().Process(target=_use, args=(bombs, key, verb, sender))
    process.start()
    sender.close()
    try:
        message, taken = receiver.recv()
    except EOFError:
        process.join()
        pytest.fail(f"the process ended with {process.exitcode}")
    process.join()
    assert taken < ALLOWED, f"{taken / MIB:.0f} MiB; {message}"
    if verb == "scan":
        assert re.search(refusal, message) if refusal else not message, message
