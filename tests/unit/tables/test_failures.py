"""Nothing crashes unseen: what a library fails with becomes words with the file, and what can be read is read."""

import bz2
import datetime as dt
import gzip
import io
import json
import random
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ReadTimeoutError

import preflight
from common.problems import Unavailable
from preflight import registry
from sagewright import stores
from tables.failures import ReadFailure
from tables.store import TranslatedStream
from tests.corpus.cases import BUCKET, MemoryStore, Table, case, table


class Panic(BaseException):
    """As a panic of a Rust library, which is no Exception."""


class Broken(MemoryStore):
    """A store that fails with `error` after its first answers."""

    error: BaseException

    def open(self, bucket, key, etag=""):
        raise self.error


FAULTS = [Panic("index out of bounds"), MemoryError(), RecursionError("deep"), TimeoutError("slow"), ValueError("x")]


@pytest.mark.parametrize("error", FAULTS, ids=lambda e: type(e).__name__)
def test_whatever_ends_the_reading_is_a_problem_with_the_file_and_in_the_log(error, caplog):
    store = Broken({"d/a.csv": b"a,y\n" + b"1,0\n2,1\n" * 50})
    store.error = error
    job = table({}, "d/", target="y").job
    data = preflight.read_job_data(job, store)
    (problem,) = data.problems
    assert isinstance(problem, ReadFailure) and f"s3://{BUCKET}/d/a.csv" in problem.message
    assert "Save the table" in problem.message or "Split the table" in problem.message
    assert any(record.exc_info and record.exc_info[1] is error for record in caplog.records)
    assert preflight.check(job, data).blocks


def test_what_ends_the_progress_is_nobody_elses_failure():
    class Cancelled(Exception):
        pass

    def cancel(done, total):
        raise Cancelled

    tried = table("a,y\n" + "1,0\n2,1\n" * 50, target="y")
    with pytest.raises(Cancelled):
        preflight.read_job_data(tried.job, tried.store, cancel)
    with pytest.raises(Cancelled):
        preflight.read_job_data(tried.but(prepare=False).job, tried.store, cancel)


@pytest.mark.parametrize("error", [Panic("x"), KeyError("y")], ids=["panic", "error"])
def test_a_check_that_fails_could_not_tell_and_the_others_do(error, monkeypatch):
    def fail(context):
        raise error
        yield

    broken = [registry.Check("rows.balance", "Classes are balanced", fail, needs="table")]
    monkeypatch.setattr("preflight.runner.CHECKS", broken + [c for c in registry.CHECKS if c.id == "target.column"])
    report = table("a,y\n" + "1,0\n2,1\n" * 50, target="y").report
    assert [(f.id, f.level, f.unknown) for f in report.findings] == [
        ("rows.balance", "warn", True),
        ("target.column", "ok", False),
    ]
    assert f"s3://{BUCKET}/t.csv" in report.findings[0].text and type(error).__name__ in report.findings[0].text


# Numbers at the edges of float64


def numbers(*cells: str) -> Table:
    rows = [cells[i % len(cells)] for i in range(60)]
    return table("v,y\n" + "".join(f"{cell},{'ab'[i % 2]}\n" for i, cell in enumerate(rows)), target="y")


EDGES = {
    "60 digits": ["1" * 60],
    "a few ulps": [repr(0.1), repr(0.1 + 1.4e-17), repr(0.1 + 2.8e-17)],
    "the largest": ["1.7e308", "-1.7e308", "1.6e308"],
    "the smallest": ["0", "5e-324", "1e-323"],
    "64 bits": [str(random.Random(i).getrandbits(64)) for i in range(60)],
    "18 digits": [str(10**17 + 1000 * i) for i in range(60)],
    "one": ["7"],
}


@pytest.mark.parametrize("cells", EDGES.values(), ids=EDGES)
@pytest.mark.parametrize("algorithm", ["xgboost", "knn"])
def test_numbers_at_the_edges_of_floats_are_counted(cells, algorithm):
    tried = numbers(*cells).but(algorithm=algorithm)
    column = tried.columns["v"]
    values = [float(cell) for cell in cells]
    assert (column.min, column.max) == (min(values), max(values))
    assert column.min <= column.mean <= column.max and 0 <= column.std < float("inf")
    assert sum(column.hist) == 60 and 1 <= len(column.hist) <= 10
    assert not tried.problems and json.dumps(tried.profile.as_json(), allow_nan=False)


def test_identifiers_of_more_digits_than_a_float_has_stay_apart():
    """18 digits in a row are 19 floats; 64 random bits, nanoseconds and 60 equal digits lose no difference."""
    rows = range(3000)
    orders = table("order,a,y\n" + "".join(f"{2 * 10**17 + i},{i % 7},{i % 2}\n" for i in rows), target="y")
    assert (orders.kinds["order"], orders.kinds["a"]) == ("text", "number")
    assert orders.columns["order"].distinct > 2500
    customers = table("id,y\n" + "".join(f"{8 * 10**17 + i % 9},{i % 2}\n" for i in rows), target="y")
    assert customers.columns["id"].values == {str(8 * 10**17 + i): 333 + (i < 3) for i in range(9)}
    one, two = customers.prepared.encode({"id": 8 * 10**17}, {"id": str(8 * 10**17 + 1)}).tolist()
    assert one != two
    labels = table("a,y\n" + "".join(f"{i % 7},{8 * 10**17 + i % 2}\n" for i in rows), target="y")
    assert labels.prepared.schema["classes"] == [str(8 * 10**17), str(8 * 10**17 + 1)]
    for cell in (
        lambda i: random.Random(i).getrandbits(64),
        lambda i: 1_700_000_000_123_456_789 + i * 10**9,
        lambda i: "9" * 60,
    ):
        assert table("v,y\n" + "".join(f"{cell(i)},{i % 2}\n" for i in rows), target="y").kinds["v"] == "number"


def test_a_histogram_has_the_counts_of_numpy():
    import numpy as np

    values = [random.Random(i).gauss(5, 3) for i in range(500)]
    column = table("v,y\n" + "".join(f"{v!r},{i % 2}\n" for i, v in enumerate(values)), target="y").columns["v"]
    assert column.hist == np.histogram(values, 10)[0].tolist()


# JSON that Python writes


def test_nan_and_infinity_in_lines_of_json_are_read():
    rows = [
        {"a": 1.5, "b": "x", "y": 0},
        {"a": float("nan"), "b": "NaN, Infinity", "y": 1},
        {"a": 2, "b": None, "y": 0},
    ]
    tried = table("".join(json.dumps(rows[i % 3]) + "\n" for i in range(90)), "t.jsonl", target="y")
    assert (tried.kinds["a"], tried.columns["a"].missing, tried.columns["b"].missing) == ("number", 30, 30)
    assert tried.columns["b"].values == {"x": 30, "NaN, Infinity": 30}
    assert not tried.findings("err") and len(tried.prepared.all_rows) == 90


def test_an_infinite_number_of_json_is_a_finding_and_no_crash():
    infinite = ("Infinity", "1e999", "-Infinity")
    cells = [infinite[i % 3] if i % 20 == 0 else i for i in range(90)]
    lines = [f'{{"a": {cell}, "y": {i % 2}}}' for i, cell in enumerate(cells)]
    tried = table("\n".join(lines), "t.jsonl", target="y")
    column = tried.columns["a"]
    assert (column.kind, sum(column.odd_count.values()), column.odd["infinite"][0].row) == ("number", 5, 1)


def test_a_key_that_is_nowhere_but_beside_a_nan_is_a_column():
    lines = [
        json.dumps({"a": i, "y": i % 2} | ({"late": float("nan"), "word": "x"} if i % 2 else {})) for i in range(60)
    ]
    tried = table("\n".join(lines), "t.jsonl", target="y")
    assert list(tried.columns) == ["a", "y", "late", "word"] and tried.columns["late"].missing == 60


# Types of Parquet


def parquet(values: pa.Array) -> Table:
    out = io.BytesIO()
    pq.write_table(pa.table({"v": values, "y": ["a", "b"] * (len(values) // 2)}), out)
    return table(out.getvalue(), "t.parquet", target="y")


N = 40
WHOLE = [None if i == 7 else i for i in range(N)]
READ_AS_NUMBERS = {
    "decimal256": (pa.array([v if v is None else Decimal(v) / 4 for v in WHOLE], pa.decimal256(60, 2)), 0.25),
    "decimal128": (pa.array([v if v is None else Decimal(v) / 4 for v in WHOLE], pa.decimal128(38, 2)), 0.25),
    "decimal32": (pa.array([v if v is None else Decimal(v) / 4 for v in WHOLE], pa.decimal32(9, 2)), 0.25),
    "duration in ms": (pa.array([v if v is None else v * 250 for v in WHOLE], pa.duration("ms")), 0.25),
    "duration in s": (pa.array(WHOLE, pa.duration("s")), 1),
    "duration in ns": (pa.array(WHOLE, pa.duration("ns")), 1e-9),
    "uint64": (pa.array(WHOLE, pa.uint64()), 1),
    "int8": (pa.array(WHOLE, pa.int8()), 1),
    "float16": (pa.array(WHOLE, pa.float16()), 1),
    "dictionary of numbers": (pa.array(WHOLE, pa.int32()).dictionary_encode(), 1),
    "text view of numbers": (pa.array([v if v is None else str(v) for v in WHOLE], pa.string_view()), 1),
}


@pytest.mark.parametrize(("values", "step"), READ_AS_NUMBERS.values(), ids=READ_AS_NUMBERS)
def test_a_type_of_parquet_that_is_a_number_is_read_as_one(values, step):
    tried = parquet(values)
    column = tried.columns["v"]
    assert (column.kind, column.missing, column.distinct) == ("number", 1, N - 1)
    assert (column.min, column.max) == (0, pytest.approx((N - 1) * step))
    assert tried.prepared.encode({"v": 1.5}).tolist() == [[1.5]]


WORDS = [None if i == 7 else f"w{i % 5}" for i in range(N)]
READ_AS_WORDS = {
    "bytes that are UTF-8": pa.array([w and w.encode() for w in WORDS], pa.binary()),
    "large bytes": pa.array([w and w.encode() for w in WORDS], pa.large_binary()),
    "bytes of one size": pa.array([w and w.encode() for w in WORDS], pa.binary(2)),
    "dictionary of bytes": pa.array([w and w.encode() for w in WORDS], pa.binary()).dictionary_encode(),
}


@pytest.mark.parametrize("values", READ_AS_WORDS.values(), ids=READ_AS_WORDS)
def test_bytes_that_are_text_are_read_as_text(values):
    tried = parquet(values)
    assert tried.columns["v"].values == {f"w{i}": 8 - (i == 2) for i in range(5)}
    assert tried.columns["v"].missing == 1


@pytest.mark.parametrize("zone", ["Asia/Seoul", "+05:30", "-0330", "UTC", "Nowhere/Land", ""])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_moment_is_read_in_utc_whatever_its_zone(zone, unit):
    moments = [1_700_000_000 + 3600 * i for i in range(N)]
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    stamps = pa.array([m * scale for m in moments], pa.int64()).view(pa.timestamp(unit, zone or None))
    column = parquet(stamps).columns["v"]
    assert (column.kind, column.min, column.max) == ("datetime", moments[0], moments[-1])


REFUSED = {
    "lists": pa.array([[i] for i in range(N)]),
    "objects": pa.array([{"a": i} for i in range(N)]),
    "maps": pa.array([[("a", i)] for i in range(N)], pa.map_(pa.string(), pa.int64())),
    "raw bytes": pa.array([b"\xff\xfe%d" % i for i in range(N)], pa.binary()),
    "raw bytes of one size": pa.array([b"\xff\xfe"] * N, pa.binary(2)),
}


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED)
def test_a_type_that_is_no_plain_value_is_refused_by_the_column_s_name(values):
    (problem,) = parquet(values).data.problems
    assert not isinstance(problem, ReadFailure) and f"Column v of s3://{BUCKET}/t.parquet" in problem.message


def test_dates_and_times_of_parquet_are_read():
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(N)]
    column = parquet(pa.array(days, pa.date64())).columns["v"]
    assert (column.kind, column.dates, column.distinct) == ("datetime", "iso", N)
    clock = parquet(pa.array([i * 3600 % 86400 for i in range(N)], pa.time32("s"))).columns["v"]
    assert (clock.kind, clock.distinct) in {("category", 24), ("text", 24)}


# Encodings of four bytes


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-le", "utf-16-be"])
def test_wide_encodings_are_read_with_and_without_a_mark(encoding):
    body = "나이,kauf\n" + "".join(f"{20 + i % 9},{'예' if i % 2 else '아니'}\n" for i in range(60))
    tried = table(body.encode(encoding), target="kauf")
    assert (tried.kinds["나이"], tried.profile.rows) == ("number", 60)
    assert tried.columns["kauf"].values == {"예": 30, "아니": 30}


# The tables that crashed


def test_the_cases_of_crashes_are_read():
    ids = case("E01-crash-18-digit-ids", target="y")
    assert ids.profile.rows == 300 and not ids.findings("err") and ids.kinds["order"] == "text"
    lines = case("E02-crash-jsonl-nan")
    nan = sum(b"NaN" in line for line in lines.files["t.jsonl"].splitlines())
    assert nan and max(column.missing for column in lines.columns.values()) == nan
    wide = case("E03-crash-parquet-decimal256")
    decimals = pq.read_table(io.BytesIO(wide.files["t.parquet"]))
    name = next(field.name for field in decimals.schema if pa.types.is_decimal(field.type))
    assert wide.kinds[name] == "number"
    assert wide.columns[name].max == max(float(value) for value in decimals[name].to_pylist() if value is not None)
    assert case("E04-crash-utf32").profile.rows == 200


@pytest.mark.parametrize("end", [slice(0, 200), slice(0, -4)], ids=["in the middle", "before the check sum"])
def test_a_packed_file_that_is_cut_is_named_so(end):
    packed = gzip.compress("".join(f"{i % 2},{random.Random(i).random()}\n" for i in range(400)).encode())[end]
    for prepare in (True, False):
        tried = table(packed, "t.csv.gz", prepare=prepare, compression={"train": "Gzip"})
        assert "cannot be decompressed" in tried.problems[0] and not tried.report.unknown


# A connection that breaks in the middle of an object


class Cut(io.RawIOBase):
    """A stream that breaks after its first bytes."""

    def __init__(self, body: bytes):
        self.body = io.BytesIO(body)

    def read(self, count=None):
        data = self.body.read(min(1000, count or 1000))
        if not data:
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")
        return data


class CutStore(MemoryStore):
    def open(self, bucket, key, etag=""):
        return TranslatedStream(Cut(self.objects[key][:3000]), stores._in_words)


@pytest.mark.parametrize("key", ["t.csv", "t.csv.gz", "t.csv.bz2", "t.csv.zst", "t.jsonl", "t.libsvm"])
@pytest.mark.parametrize("prepare", [True, False])
def test_a_connection_that_breaks_is_no_fault_of_the_file(key, prepare):
    noise = [random.Random(i).random() for i in range(4000)]
    text = "".join(f"{i % 2},{x}\n" for i, x in enumerate(noise))
    if key == "t.jsonl":
        text = "".join(json.dumps({"y": i % 2, "x": x}) + "\n" for i, x in enumerate(noise))
    if key == "t.libsvm":
        text = "".join(f"{i % 2} 1:{x}\n" for i, x in enumerate(noise))
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "zst": pa.Codec("zstd").compress}.get(key.split(".")[-1], bytes)
    wanted = table(
        bytes(pack(text.encode())), key, prepare=prepare, compression={"train": "Gzip"} if "gz" in key else {}
    )
    problems = preflight.read_job_data(wanted.job, CutStore(wanted.files)).problems
    if not prepare and key in ("t.csv.bz2", "t.csv.zst", "t.jsonl"):
        assert not problems  # the container cannot read it: nothing but its beginning is read
    else:
        assert [type(problem) for problem in problems] == [Unavailable]
