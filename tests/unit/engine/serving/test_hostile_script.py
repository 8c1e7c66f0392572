"""A script that harms more than itself if it can: by its answers, its output, its files, and by staying."""

import asyncio
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from algorithms.contract import UserError
from algorithms.spec import InvocationError
from engine.frameworks import requirements
from engine.serving import background, script_model
from engine.serving.model_cache import ModelCache
from engine.serving.routes import Variant
from engine.serving.script_model import ScriptModel
from engine.serving.script_output import read_lines
from tests.unit.engine.serving.test_script_model import parts, use

__all__ = ["parts"]

SCRIPT = """
import json, os, socket, struct, sys, time

def model_fn(folder):
    return 1

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    if data == "sleep":
        time.sleep(60)
    if data == "large":
        return b"x" * (26 << 20)
    if data == "twice":
        head = json.dumps({"status": 200, "content_type": "text/plain"}).encode()
        os.write(int(sys.argv[1]), struct.pack(">IQ", len(head), 1) + head + b"1")
    if isinstance(data, dict) and "head" in data:
        head = json.dumps(data["head"]).encode()
        os.write(int(sys.argv[1]), struct.pack(">IQ", len(head), data.get("size", 0)) + head)
        time.sleep(5)
    return data

def output_fn(prediction, accept):
    if isinstance(prediction, dict):
        return "1", prediction["type"]
    return prediction if isinstance(prediction, bytes) else json.dumps(prediction)
"""


def test_a_script_that_answers_nonsense_fails_alone_and_is_started_anew(parts):
    first, second, third, fourth = use(
        parts(SCRIPT), [], {"head": {"status": 1}}, "again", {"type": "a/b\nX-Evil: 1"}, "fourth"
    )
    assert (first.status, "cannot be understood" in first.message) == (500, True)
    assert second == "again"
    assert (third.status, "content type of the answer" in third.message) == (500, True)
    assert fourth == "fourth"


def test_nobody_gets_the_answer_to_another_request(parts):
    """A script that sends one answer more would shift all that follow."""
    first, second, third = use(parts(SCRIPT), [], "twice", "second", "third")
    assert "cannot be understood" in first.message
    assert (second, third) == ("second", "third")


def test_an_answer_that_is_too_large_is_refused_and_the_process_goes_on(parts):
    first, second = use(parts(SCRIPT), [], "large", "small")
    assert (first.status, "Send fewer rows" in first.message) == (500, True)
    assert second == "small"


def test_an_answer_that_claims_to_be_huge_is_not_waited_for(parts):
    (first,) = use(parts(SCRIPT), [], {"head": {"status": 200}, "size": script_model.MAX_ANSWER + 1})
    assert "process of this model ended" in first.message


def test_a_flood_of_output_leaves_the_event_loop_free():
    """A megabyte of empty lines took the loop for seconds; and of many lines few are kept."""
    reading, writing = os.pipe()
    lines: list[str] = []
    os.write(writing, b"first\n" + b"\n" * 50_000)

    async def watch() -> float:
        task = asyncio.ensure_future(read_lines(reading, lines.append))
        # The processor time of this thread: a busy machine makes the loop wait for the processor, too.
        longest, last, until = 0.0, time.thread_time(), time.monotonic() + 1.0
        os.set_blocking(writing, False)
        content = b"\n" * 30_000 + b"word\n" * 6000
        while time.monotonic() < until:
            with suppress(BlockingIOError):
                os.write(writing, content)
            await asyncio.sleep(0)
            longest, last = max(longest, time.thread_time() - last), time.thread_time()
        os.close(writing)
        await task
        return longest

    assert asyncio.run(watch()) < 0.5
    assert lines[0] == "first"
    assert len([line for line in lines if line == "word"]) < 1000
    assert any("left out here" in line for line in lines)


def test_a_long_line_is_cut():
    reading, writing = os.pipe()
    lines: list[str] = []
    os.write(writing, b"x" * 20_000 + b"\nend")
    os.close(writing)
    asyncio.run(read_lines(reading, lines.append))
    assert [len(line) for line in lines] == [8192, 8192, 20_000 - 2 * 8192, 3]


def test_a_deleted_endpoint_leaves_no_process_even_while_it_answers(parts, settings, monkeypatch):
    variant = Variant(7, "config", "v", "s3://b/m", "image", ())
    configs = {7: "config"}
    monkeypatch.setattr(background.routes, "configurations", lambda endpoints: configs)

    async def in_this_thread(function, *arguments):
        return function(*arguments)

    monkeypatch.setattr(background, "in_database", in_this_thread)

    async def run() -> tuple[bool, InvocationError, bool]:
        cache, model, changed = ModelCache(), ScriptModel(parts(SCRIPT), lambda line: None), asyncio.Event()
        await model.start()
        cache._cached[variant] = model
        dropping = asyncio.ensure_future(background._drop_models(cache, changed))
        asking = asyncio.ensure_future(model.answer({"content-type": "application/json"}, json.dumps("sleep").encode()))
        await asyncio.sleep(0.3)
        changed.set()
        await asyncio.sleep(0.2)
        is_cached, pid = len(cache) == 1, model.pid
        configs.clear()
        changed.set()
        try:
            await asyncio.wait_for(asking, 10)
            error = InvocationError(200, "")
        except InvocationError as e:
            error = e
        dropping.cancel()
        await asyncio.get_running_loop().shutdown_default_executor()
        return is_cached, error, Path(f"/proc/{pid}").exists()

    is_cached, error, exists = asyncio.run(run())
    assert is_cached
    assert error.status == 500
    assert not exists
    endpoints = settings.JOBS_FOLDER.parent / "endpoints"
    assert list(endpoints.iterdir()) == []


def test_requirements_of_any_size_are_not_read_whole(tmp_path):
    with (tmp_path / "requirements.txt").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(UserError, match="more than 64 KiB"):
        requirements.read(tmp_path / "requirements.txt")
