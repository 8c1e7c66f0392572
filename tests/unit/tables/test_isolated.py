"""Tables that end, fill or hold the process that reads them, and the process that asks, which notices little."""

import io
import os
import pickle
import socket
import time
import zlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common import messages
from common.memory import memory_of
from common.problems import Missing, Problem, Unavailable
from sandbox.level import available
from sandbox.spec import Level
from tables import Folder, Recipe, inspect, locate
from tables.isolated import IsolatedReaders
from tables.objects import NoData
from tables.received import received
from tables.store_calls import StoreCalls
from tests.unit.tables.lying_parquet import group, parquet

MIB = 2**20


def csv() -> bytes:
    return b"a,b,y\n" + b"".join(b"%d,%d,%d\n" % (n, n * 3, n % 2) for n in range(400_000))


@pytest.fixture(scope="module")
def readers() -> Iterator[IsolatedReaders]:
    readers = IsolatedReaders(1024 * MIB)
    yield readers
    readers.close()


def look(readers: IsolatedReaders, folder: Folder, uri: str):
    source = locate(folder, uri)
    return readers.call("tables.inspector:inspect_source", folder, uri, source, Recipe())


def numbers() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{n}": list(range(9_000)) for n in range(9)}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (csv, "a.csv"),
        (csv, "b.csv.gz"),
        (numbers, "c.parquet"),
        (lambda: b'{"a":1}\n' * 9, "d.jsonl"),
    ],
    ids=["csv", "gzip", "parquet", "json"],
)
def test_a_table_is_inspected_as_without_the_process(readers, folder, keep, content, key):
    uri = keep(content(), key)
    assert look(readers, folder, uri) == inspect(folder, uri)


FOOTERS = {  # name: (content, words of the refusal)
    "more chunks than columns": (lambda: parquet([group(2)]), "a row group has 2 columns, the schema 1"),
    "two million chunks": (
        lambda: parquet([group(400_000)] * 5, columns=400_000),
        "takes more than 1 GiB of memory",
    ),
    "a list that is not there": (lambda: parquet([], schema_says=900_000), "is not a readable Parquet file"),
    "no column": (lambda: parquet([group(0)], columns=0), "no column|could not be used|not a readable|no rows"),
    "rows that are not there": (
        lambda: parquet([group(1, 2**40)], rows=2**40),
        "holds 0 rows, and says that it has 1,099",
    ),
}


@pytest.mark.parametrize("name", FOOTERS)
def test_a_footer_that_lies_ends_in_words(readers, folder, keep, name):
    content, words = FOOTERS[name]
    uri = keep(content(), "lie.parquet")
    before = memory_of(os.getpid())
    with pytest.raises(Problem, match=words):
        look(readers, folder, uri)
    assert memory_of(os.getpid()) - before < 64 * MIB  # what is left of it has ended
    assert look(readers, folder, keep(b"a,b\n1,2\n3,4\n")).rows_seen == 2


def test_a_table_that_never_ends_is_given_up(folder):
    readers = IsolatedReaders(1024 * MIB, seconds=1.0)
    began = time.monotonic()
    with pytest.raises(Problem, match=r"Looking at s3://b/k takes longer than 1 seconds\. Check that"):
        readers.call("time:sleep", folder, "s3://b/k", 60)
    assert time.monotonic() - began < 20
    readers.close()


def test_memory_that_is_taken_at_once_is_given_back(readers, folder):
    with pytest.raises(Problem, match=r"takes more than 1 GiB of memory, the most that one table may\."):
        readers.call("numpy:ones", folder, "s3://b/k", 2**29)
    with pytest.raises(Problem, match=r"s3://b/k could not be used, .* \(signal SIGABRT\)\."):
        readers.call("os:abort", folder, "s3://b/k")


def test_only_so_many_tables_are_read_at_once(folder):
    readers = IsolatedReaders(1024 * MIB, processes=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tables.isolated.WAIT", 0.1)
        with readers._reader(), pytest.raises(Unavailable, match="Other tables are being read"):
            readers.call("time:sleep", folder, "s3://b/k", 0)
    readers.close()


def test_what_the_store_refuses_is_raised_and_the_process_goes_on(readers, folder, keep):
    source = locate(folder, keep(csv(), "gone.csv"))
    (folder.root / source.bucket / "gone.csv").unlink()
    with pytest.raises(Missing, match="There is no file gone.csv"):
        readers.call("tables.inspector:inspect_source", folder, source.uri, source)
    with pytest.raises(NoData, match="There is nothing at"):
        uri = f"s3://{source.bucket}/none"
        readers.call("tables.inspector:inspect", folder, "a", folder, uri, reads=[uri])
    uri = keep(csv())
    assert readers.call("tables.inspector:inspect", folder, "a", folder, uri, reads=[uri]).rows_seen > 1000


def test_a_message_of_another_process_is_in_the_language_of_this_one():
    was = messages._gettext, messages._ngettext
    sent = pickle.dumps(NoData(messages._("%(a)s is empty.", a=messages._("This")), "location"))
    try:
        messages.use(
            lambda text: {"%(a)s is empty.": "leer: %(a)s", "This": "dies"}.get(text, text), messages._one_or_many
        )
        received = pickle.loads(sent)
    finally:
        messages.use(*was)
    assert (received.message, received.english, received.field) == ("leer: dies", "This is empty.", "location")


def test_what_reads_a_table_sees_neither_files_nor_ports_of_this_machine(readers, folder, tmp_path):
    if available() is Level.LIMITED:
        pytest.skip("nothing keeps a process in on this machine")
    with pytest.raises(Problem, match="FileNotFoundError|PermissionError"):
        readers.call("os:listdir", folder, "s3://b/k", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Problem, match="Error"):
        readers.call("socket:create_connection", folder, "s3://b/k", server.getsockname(), 5)


def test_what_reads_a_table_reads_no_object_that_its_caller_does_not_name(folder, keep):
    source = locate(folder, keep(csv()))
    beside = keep(csv(), "beside.csv").rpartition("/")[2]
    longer = keep(csv(), f"{source.first.key}.private").rpartition("/")[2]
    calls = StoreCalls(folder, [source], folder.root)
    assert calls.answer("fetch", [source.bucket, source.first.key, 0, 3, ""]) == ("bytes", b"a,b")
    for method, args in (
        ("open", ["other", "k", ""]),
        ("list_objects", ["other", ""]),
        ("fetch", ["other", "k", 0, 1, ""]),
        ("fetch", [source.bucket, beside, 0, 1, ""]),
        ("open", [source.bucket, longer, ""]),
        ("list_objects", [source.bucket, ""]),
    ):
        kind, problem = calls.answer(method, args)
        assert kind == "problem" and isinstance(problem, Missing)
    with pytest.raises(KeyError):
        calls.answer("close", [])


def hostile_answers() -> list[bytes]:
    """Pickles that would do something when they are read."""

    def acting(function, *args) -> bytes:
        class Acts:
            def __reduce__(self):
                return function, args

        return pickle.dumps(("value", Acts()))

    answers = [
        acting(os.system, "exit 1"), acting(eval, "1"), acting(getattr, "x", "upper"), acting(io.open, "x"),
        acting(IsolatedReaders, 1), acting(messages.use, str, str), acting(Recipe.from_json, {}),
        acting(messages.render_received, "%(a)999999999d", {"a": 1}, "", 0),
    ]  # fmt: skip
    return [*answers, b"", b"no pickle", pickle.dumps(1)[:-1]]


@pytest.mark.parametrize("answer", hostile_answers(), ids=range(11))
def test_an_answer_that_acts_is_refused(answer):
    with pytest.raises((pickle.UnpicklingError, EOFError, ValueError)):
        received(answer)


def test_an_error_in_a_message_arrives_as_its_text():
    problem = Problem(messages._("%(uri)s is not readable: %(why)s", uri="a", why=zlib.error("incorrect header")))
    arrived = received(pickle.dumps(problem))
    assert (type(arrived), arrived.message) == (Problem, "a is not readable: incorrect header")
