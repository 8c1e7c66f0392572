"""Whole tables are scanned and prepared in a process of their own, which can do to others nothing at all."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import algorithms
from common.problems import Missing, Problem
from sandbox.level import why_not
from sandbox.spec import Level
from tables import Folder, Recipe, locate, prepare, scan
from tables.isolated import WholeTableReaders
from tables.objects import NoData
from tables.reader_process import TooLarge
from tables.store_calls import HANDED, StoreCalls
from tests.unit.tables.conftest import BUCKET

MIB = 2**20
ROWS = 40_000
TABLE = "plan,age,spent,churned\n" + "".join(f"p{i % 7},{i % 90},{i * 0.37:.2f},{i % 2}\n" for i in range(ROWS))
LEVELS = [level for level in Level if not why_not(level)]
on_one_level = pytest.mark.parametrize("level", LEVELS[:1], indirect=True, ids=str)  # what no wall has a part in


@pytest.fixture(params=LEVELS, scope="module")
def level(request) -> Iterator[Level]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("tables.reader_process", "sandbox.process"):
            patch.setattr(f"{module}.available", lambda: request.param)
        patch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-console")
        yield request.param


@pytest.fixture(scope="module")
def readers(level) -> Iterator[WholeTableReaders]:
    readers = WholeTableReaders(1024 * MIB)
    readers.warm_up()
    yield readers
    readers.close()


@on_one_level
def test_a_table_is_scanned_and_prepared_as_without_the_process(readers, folder, keep):
    source, recipe, xgboost = locate(folder, keep(TABLE)), Recipe(target="churned"), algorithms.get("xgboost")
    observed: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        observed.append((done, total))

    with readers.start() as process:
        args = (source, recipe, progress)
        profile = process.call(folder, source.uri, "tables.scanner:scan", args, progress=progress)
        assert observed[-1] == (source.size, source.size)
        apart = f"s3://{BUCKET}/apart"
        args = (source, recipe, xgboost.name, apart, progress, profile)
        ready = process.call(
            folder, source.uri, "tables.preparation:prepare_for", args, writable=apart, progress=progress
        )
    here = scan(source, recipe)
    profile.seconds = here.seconds
    assert profile == here
    expected = prepare(source, recipe, xgboost, f"s3://{BUCKET}/here", profile=here)
    assert ready.schema == expected.schema and ready.facts == expected.facts and ready.fixes == expected.fixes
    files = {path.relative_to(folder.root / BUCKET / "here") for path in (folder.root / BUCKET / "here").rglob("*.*")}
    assert len(files) >= 4
    for name in files:
        assert (folder.root / BUCKET / "apart" / name).read_bytes() == (
            folder.root / BUCKET / "here" / name
        ).read_bytes(), name


def test_each_table_has_a_process_of_its_own_and_nothing_of_it_stays(readers, folder):
    folders = set()
    for _ in range(2):
        with readers.start() as process:
            assert process.call(folder, "s3://b/k", "os.path:exists", ("left-by-another",)) is False
            process.call(folder, "s3://b/k", "os:mkdir", ("left-by-another",))
            folders.add(process._folder)
        assert not process._folder.exists() and process._process.poll() is not None
    assert len(folders) == 2


def taken_over(readers: WholeTableReaders, folder: Folder, function: str, *args: object) -> object:
    """What a table that runs code of its author's does: `function` in the process that was to read it."""
    with readers.start() as process:
        return process.call(folder, "s3://b/k", function, args, writable=f"s3://{BUCKET}/mine")


def test_a_table_that_takes_over_its_process_sees_no_file_no_port_and_no_key(readers, level, folder, tmp_path):
    (tmp_path / "key").write_text("secret")
    assert "PATH" in (environment := str(taken_over(readers, folder, "subprocess:getoutput", "env")))
    assert "of-the-console" not in environment
    if level is Level.LIMITED:
        return  # nothing keeps a process in
    with pytest.raises(Problem, match="FileNotFoundError|PermissionError"):
        taken_over(readers, folder, "os:listdir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Problem, match="Error"):
        taken_over(readers, folder, "socket:create_connection", server.getsockname(), 5)


def test_what_it_starts_ends_with_it(readers, folder):
    mark = f"6{time.monotonic_ns() % 10**8}"
    with readers.start() as process:
        process.call(folder, "s3://b/k", "os:system", (f"setsid sleep {mark} >/dev/null 2>&1 &",))
    assert mark not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def calls(folder, tmp_path) -> StoreCalls:
    mine = f"s3://{BUCKET}/jobs/mine"
    own = tmp_path / "own"
    own.mkdir()
    return StoreCalls(folder, [f"s3://{BUCKET}/table.csv"], own, mine)


@pytest.mark.parametrize(
    ("bucket", "key"),
    [(BUCKET, "jobs/mine-too/a"), (BUCKET, "jobs/a"), (BUCKET, "table.csv"), ("other", "jobs/mine/a")],
)
def test_it_writes_nowhere_but_below_the_folder_of_its_job(calls, tmp_path, folder, bucket, key):
    (tmp_path / "own" / HANDED).write_text("x")
    kind, problem = calls.answer("put", [bucket, key, "text/csv"])
    assert kind == "problem" and "writes nothing to" in problem.message
    assert calls.answer("put", [BUCKET, "jobs/mine/train/a.csv", "text/csv"]) == ("value", None)
    assert (folder.root / BUCKET / "jobs/mine/train/a.csv").read_text() == "x"


def test_it_reads_back_nothing_of_what_jobs_have_written(calls, keep):
    keep("a", "jobs/mine/model.tar.gz")
    kind, problem = calls.answer("open", [BUCKET, "jobs/mine/model.tar.gz", ""])
    assert kind == "problem" and isinstance(problem, Missing)


@pytest.mark.parametrize("make", [Path.symlink_to, lambda path, _: os.mkfifo(path), lambda path, _: path.mkdir()])
def test_what_it_hands_over_is_a_plain_file_or_nothing(calls, tmp_path, make):
    secret = tmp_path / "secret"
    secret.write_text("of the console")
    make(tmp_path / "own" / HANDED, secret)
    with pytest.raises(OSError):
        calls.answer("put", [BUCKET, "jobs/mine/a", "text/csv"])


class Stop(Exception):
    """Nobody wants the table any more."""


@on_one_level
def test_a_table_that_nobody_wants_any_more_ends_at_once(readers, folder):
    begun, wanted = time.monotonic(), threading.Event()
    threading.Timer(0.3, wanted.set).start()

    def check() -> None:
        if wanted.is_set():
            raise Stop

    with readers.start() as process:
        with pytest.raises(Stop):
            process.call(folder, "s3://b/k", "time:sleep", (60,), check=check)
        assert not process.is_usable
    assert time.monotonic() - begun < 20


def test_too_much_memory_ends_the_table_alone(readers, folder, keep):
    with readers.start() as process, pytest.raises(TooLarge, match="takes more than 1 GiB of memory"):
        process.call(folder, "s3://b/k", "numpy:ones", (2**29,))
    with readers.start() as process:
        uri = keep(TABLE)
        assert process.call(folder, uri, "tables.scanner:scan", (locate(folder, uri),)).rows == ROWS


def test_without_its_warm_process_a_table_is_read_all_the_same(level, folder, keep):
    source = locate(folder, keep(TABLE))
    with WholeTableReaders(1024 * MIB).start() as process:
        assert process.call(folder, source.uri, "tables.scanner:scan", (source,)).rows == ROWS


@on_one_level
def test_a_warm_process_that_is_killed_takes_its_tables_with_it(level, folder):
    readers = WholeTableReaders(1024 * MIB)
    readers.warm_up()
    warm = readers._zygote._process
    with readers.start() as process:
        threading.Timer(0.3, warm.kill).start()
        with pytest.raises(Problem, match="could not be used"):
            process.call(folder, "s3://b/k", "time:sleep", (60,))
    warm.wait()
    with readers.start() as process:
        assert process.call(folder, "s3://b/k", "os:getpid", ()) > 0
    readers.close()


@on_one_level
def test_a_warm_process_that_hangs_holds_up_no_table(level, folder, monkeypatch):
    monkeypatch.setattr("sandbox.forked.WARM_SECONDS", 0.2)
    readers = WholeTableReaders(1024 * MIB)
    readers.warm_up()
    warm = readers._zygote._process
    readers.start().end()
    try:
        warm.send_signal(signal.SIGSTOP)
        with readers.start() as process:
            assert process.call(folder, "s3://b/k", "os:getpid", ()) > 0
            warm.send_signal(signal.SIGCONT)  # it starts what was asked of it, which nobody follows any more
            assert process.call(folder, "s3://b/k", "os:getpid", ()) > 0
            with pytest.raises(Problem, match="could not be used"):  # and holds no end of the connection
                process.call(folder, "s3://b/k", "os:_exit", (3,))
    finally:
        warm.send_signal(signal.SIGCONT)
        readers.close()


@on_one_level
def test_a_text_among_the_arguments_opens_no_table(readers, folder, keep):
    secret, table = keep(TABLE, "secret.csv"), keep(TABLE)
    source = locate(folder, table)
    with readers.start() as process:  # names of columns are texts too, of the table's author
        with pytest.raises(NoData, match="There is no bucket called"):
            process.call(folder, table, "tables.inspector:inspect", (folder, secret, Recipe(types={secret: "text"})))
        assert process.call(folder, table, "tables.scanner:scan", (source,)).rows == ROWS
