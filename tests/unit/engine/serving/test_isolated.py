"""A model that is not proven harmless harms its own requests only: it crashes and spins in its own process."""

import asyncio
import json
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from algorithms.spec import InvocationError
from engine.serving import answering, checked_models, health_check, isolated, model_cache, model_process
from engine.serving.in_process import InProcessModel
from engine.serving.isolated import IsolatedModel
from engine.serving.model_cache import ModelCache
from engine.serving.routes import Variant
from engine.serving.schema_document import SchemaDocument
from engine.serving.served_model import ModelLoadError
from sandbox import usage
from tests.unit.algorithms import hostile
from tests.waiting import STEP

HEADERS = {"content-type": "text/csv"}
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
SCHEMA = {
    "version": 2,
    "algorithm": "xgboost",
    "columns": [
        {"name": name, "role": "feature", "kind": "number", "encoding": "number", "features": [name]} for name in "abc"
    ],
    "features": ["a", "b", "c"],
    "task": "regression",
}


def folder(parent: Path, content: bytes, name: str = "model") -> Path:
    (parent / name).mkdir()
    (parent / name / "xgboost-model").write_bytes(content)
    return parent / name


@contextmanager
def model(path: Path, document: SchemaDocument | None = None):
    """A function that runs a coroutine function with an isolated model, and ends the model."""
    with asyncio.Runner() as runner:
        served = IsolatedModel(path, "xgboost", {}, "text/csv", 1, document or SchemaDocument({}))
        try:
            yield served, lambda body, **headers: runner.run(served.answer(HEADERS | headers, body))
        finally:
            runner.run(asyncio.sleep(0))
            with suppress(RuntimeError):
                runner.run(end(served))


async def end(served: IsolatedModel) -> None:
    served.close()


def is_running(pid: int) -> bool:
    """Whether there is such a process, which is not a zombie."""
    with suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.fixture
def crash(tmp_path) -> Path:
    return folder(tmp_path, hostile.crash())


@pytest.fixture
def spin(tmp_path) -> Path:
    return folder(tmp_path, hostile.spin())


def test_the_check_accepts_a_model_that_harms_later_and_says_that_it_is_not_proven(crash, tmp_path):
    (tmp_path / "copy").mkdir()
    result = health_check.run(crash, "xgboost", {}, tmp_path / "copy")
    assert (result.ok, result.row_steps, result.isolation) == (True, None, "its trees split on categories")
    assert not list((tmp_path / "copy").iterdir())


@pytest.mark.parametrize("content", [hostile.crash(False), hostile.spin(False)], ids=["crash", "spin"])
def test_the_check_refuses_a_model_that_a_validator_can_judge(content, tmp_path):
    (tmp_path / "copy").mkdir()
    result = health_check.run(folder(tmp_path, content), "xgboost", {}, tmp_path / "copy")
    assert not result.ok and " of tree 0 " in result.reason


def test_a_crash_fails_its_own_request_in_words_and_the_next_one_is_answered(crash):
    with model(crash) as (served, ask):
        before, _ = ask(hostile.HARMLESS)
        pid = served.pid
        with pytest.raises(InvocationError, match=r"ended with signal 11 \(SIGSEGV\)") as failed:
            ask(hostile.TRIGGER)
        assert failed.value.status == 500
        assert ask(hostile.HARMLESS)[0] == before
        assert served.pid != pid and not is_running(pid)


def test_a_model_that_crashes_again_and_again_waits_longer_before_it_starts(crash, monkeypatch):
    clock = StoppedClock()
    monkeypatch.setattr(isolated, "time", clock)
    with model(crash) as (served, ask):
        for crashes, wait in ((2, 1), (1, 2)):
            for _ in range(crashes):
                with pytest.raises(InvocationError, match="SIGSEGV"):
                    ask(hostile.TRIGGER)
            with pytest.raises(InvocationError, match=rf"SIGSEGV.* It is started again in {wait} s"):
                ask(hostile.HARMLESS)
            assert served.pid is None
            clock.now += wait
        assert ask(hostile.HARMLESS)


class StoppedClock:
    """Stands for the module `time`: time passes when a test says so."""

    def __init__(self):
        self.now = time.monotonic()

    def monotonic(self) -> float:
        return self.now


def test_a_model_that_never_answers_is_ended_and_the_event_loop_goes_on(spin, monkeypatch):
    monkeypatch.setattr(isolated, "INVOCATION_SECONDS", 1.5)

    async def both():
        served = IsolatedModel(spin, "xgboost", {}, "", 1, SchemaDocument({}))
        await served.start()
        pid, gaps, last = served.pid, [], time.monotonic()
        spinning = asyncio.ensure_future(served.answer(HEADERS, hostile.TRIGGER))
        while not spinning.done():
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
        with pytest.raises(answering.TimedOut) as failed:
            spinning.result()
        answer, _ = await served.answer(HEADERS, hostile.HARMLESS)
        served.close()
        return pid, gaps, failed.value, answer

    pid, gaps, error, answer = asyncio.run(both())
    assert (error.status, error.message[:26]) == (504, "Your invocation timed out ")
    assert answer and not is_running(pid)
    assert len(gaps) > 10 and np.median(gaps) < 0.15  # ten times the sleep: the machine may be busy


def test_requests_that_wait_are_limited(spin, monkeypatch):
    monkeypatch.setattr(isolated, "INVOCATION_SECONDS", 2.0)
    monkeypatch.setattr(isolated, "MAX_WAITING", 3)

    async def many():
        served = IsolatedModel(spin, "xgboost", {}, "", 1, SchemaDocument({}))
        answers = await asyncio.gather(
            *(served.answer(HEADERS, hostile.TRIGGER) for _ in range(5)), return_exceptions=True
        )
        served.close()
        return sorted(answer.status for answer in answers)

    assert asyncio.run(many()) == [503, 503, 504, 504, 504]


def test_a_process_ends_with_its_model_and_when_nobody_asks_it(crash, monkeypatch):
    monkeypatch.setattr(isolated, "IDLE_SECONDS", 0.3)

    async def idle():
        served = IsolatedModel(crash, "xgboost", {}, "", 1, SchemaDocument({}))
        await served.answer(HEADERS, hostile.HARMLESS)
        first = served.pid
        await asyncio.sleep(1)
        assert served.pid is None
        await served.answer(HEADERS, hostile.HARMLESS)
        second = served.pid
        served.close()
        await asyncio.get_running_loop().shutdown_default_executor()  # until it has ended
        return first, second

    first, second = asyncio.run(idle())
    assert first != second and not is_running(first) and not is_running(second)


class Document(SchemaDocument):
    """A schema that the store does not have at first."""

    def __init__(self, answers: list):
        super().__init__({"SAGEWRIGHT_SCHEMA": "s3://b/schema.json"})
        self._answers = answers

    @property
    def is_due(self) -> bool:
        return bool(self.error)

    def fetch(self):
        self.error = ""
        answer = self._answers.pop(0)
        if answer is None:
            self.reject("there is no such object")
        return answer


def test_rows_by_name_are_answered_once_the_schema_can_be_read(crash):
    body, kind = b'{"instances": [{"a": 0, "b": 0, "c": 0}]}', {"content-type": "application/json"}
    wrong = SCHEMA | {"features": ["a", "b"]}
    with model(crash, Document([None, wrong, SCHEMA])) as (served, ask):
        with pytest.raises(InvocationError, match="Rows are taken by position only.*it makes 2 numbers of a row, and"):
            ask(body, **kind)
        assert served.pid
        answer = ask(hostile.HARMLESS)[0]
        assert ask(body, **kind)[0] == answer
        with pytest.raises(InvocationError, match="There is no column 'd'"):
            ask(b'{"d": 1}', **kind)


class Replaced(Document):
    """A schema that is replaced once."""

    is_stale = True

    def __init__(self, first: dict, second: dict):
        super().__init__([first])
        self._second = [second]

    def changed(self):
        return self._second.pop() if self._second else None


def test_answers_with_labels_follow_a_schema_that_was_replaced(crash):
    two = SCHEMA | {"classes": ["no", "yes"], "task": "binary"}
    with model(crash, Replaced(two | {"threshold": 1e9}, two | {"threshold": -1e9})) as (_served, ask):
        plain = ask(hostile.HARMLESS)[0]
        document = json.loads(ask(hostile.HARMLESS, accept="application/json; labels=true")[0])["predictions"]
        assert {one["label"] for one in document} == {"yes"}  # never "no", which the first schema says
        assert ask(hostile.HARMLESS)[0] == plain


@pytest.fixture
def artifacts(tmp_path, settings, monkeypatch):
    """The folders of artifacts by the number in their address."""
    settings.JOBS_FOLDER = tmp_path / "data" / "jobs"
    contents = {
        "0": hostile.booster(), "1": hostile.booster(True), "2": hostile.crash(), "3": hostile.spin(),
        "4": hostile.crash(False),
    }  # fmt: skip
    folders = {key: folder(tmp_path, content, f"artifact-{key}") for key, content in contents.items()}
    monkeypatch.setattr(model_cache.artifact, "fetch", lambda url, **_: folders[url[-1]])
    return folders


def variant(number: int) -> Variant:
    return Variant(number, "c", "AllTraffic", f"s3://b/{number}", IMAGE, ())


def test_only_proven_models_enter_this_process_and_processes_are_limited(artifacts, monkeypatch):
    async def fill():
        cache = ModelCache(processes=2)
        loaded = {number: await cache.load(variant(number)) for number in range(4)}
        pids = [loaded[number].pid for number in (1, 2, 3)]
        async with asyncio.timeout(STEP):
            while is_running(pids[0]):
                await asyncio.sleep(0.01)
        running = [is_running(pid) for pid in pids]
        remaining = [bool(cache.get(variant(number))) for number in range(4)]
        with pytest.raises(ModelLoadError, match="splits on feature 2000000000"):
            await cache.load(variant(4))
        with pytest.raises(ModelLoadError, match="splits on feature 2000000000"):
            await cache.load(variant(4))
        monkeypatch.setattr(model_cache, "load", lambda *_: pytest.fail("it was loaded before its time"))
        with pytest.raises(ModelLoadError, match="It is tried again in"):
            await cache.load(variant(4))
        cache.close()
        return loaded, running, remaining

    loaded, running, remaining = asyncio.run(fill())
    assert isinstance(loaded[0], InProcessModel)
    assert all(isinstance(loaded[number], IsolatedModel) for number in (1, 2, 3))
    assert remaining == [True, False, True, True] and running == [False, True, True]


def test_a_model_is_checked_once_on_a_machine(artifacts, monkeypatch):
    first = checked_models.check(artifacts["0"], "xgboost", {}, 60)
    assert checked_models.find(artifacts["0"], "xgboost") == first
    assert first.folder != artifacts["0"] and (first.folder / "xgboost-model").is_file()
    assert checked_models.check(artifacts["0"], "xgboost", {}, 60) == first
    assert checked_models.find(artifacts["1"], "xgboost") is None
    monkeypatch.setattr(checked_models, "VERSION", checked_models.VERSION + 1)
    assert checked_models.find(artifacts["0"], "xgboost") is None
    assert [p for p in first.folder.parent.iterdir() if p.suffix == ".new"] == []


def test_the_process_has_no_credentials_and_little_priority(crash, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY", "not-for-models")
    with model(crash) as (served, ask):
        ask(hostile.HARMLESS)
        inside = [pid for pid in usage.descendants(served.pid) if b"model_process" in command_line(pid)]
        process = Path(f"/proc/{inside[0]}")
        assert b"not-for-models" not in (process / "environ").read_bytes()
        assert (process / "oom_score_adj").read_text().strip() == "1000"
        assert os.getpriority(os.PRIO_PROCESS, inside[0]) >= 10
        assert "Max address space         8589934592" in (process / "limits").read_text()
        assert "Max core file size        0" in (process / "limits").read_text()


def test_a_process_gives_way_from_its_model_on_and_not_while_its_caller_waits_for_the_library(monkeypatch):
    steps = []

    class Recorded:
        def load_predictor(self):
            steps.append("library")
            return self

        def load(self, folder, environment):
            steps.append("model")
            return self

    monkeypatch.setattr(model_process.algorithms, "get", lambda name: Recorded())
    monkeypatch.setattr(os, "nice", lambda by: steps.append(f"nice {by}"))
    model_process.load({"algorithm": "any", "folder": "/", "environment": {}, "response_type": "text/csv"})
    assert steps == ["library", "nice 10", "model"]
