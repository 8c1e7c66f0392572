"""A model with a script of its own, in its sandboxed process: it answers, fails alone, and is started anew."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from algorithms.spec import InvocationError
from engine.frameworks import environments
from engine.serving import isolated, process_folders, script_model
from engine.serving.script import Script
from engine.serving.script_model import ScriptModel, is_answer
from engine.serving.served_model import ModelLoadError
from sandbox.process import start
from tests.stack import ROOT

SCRIPT = """
import json, os, socket, sys, time

def model_fn(folder):
    print("loading", sorted(os.listdir(folder)))
    return open(os.path.join(folder, "weights")).read()

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    if data == "crash":
        os._exit(3)
    if data == "sleep":
        time.sleep(60)
    if data == "port":
        try:
            socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), timeout=2)
            return "reached"
        except OSError:
            return "shut"
    if data == "refuse":
        error = ValueError("rows need three columns")
        error.status_code = 422
        raise error
    return [model, data, os.environ["NOTE"]]
"""


@pytest.fixture
def parts(tmp_path, settings):
    settings.JOBS_FOLDER = tmp_path / "data" / "jobs"
    model = tmp_path / "model"

    def make(source: str = SCRIPT, **variables: str) -> Script:
        (model / "code").mkdir(parents=True, exist_ok=True)
        (model / "weights").write_text("w")
        (model / "code" / "inference.py").write_text(source)
        again = partial(make, source, **variables)
        return Script(model, None, environments.base(), "sklearn", {"NOTE": "n", **variables}, again)

    return make


def use(parts: Script, lines: list[str], *bodies: object) -> list:
    """The answers of one model to these bodies, one after another; errors as errors."""

    async def run() -> list:
        model = ScriptModel(parts, lines.append)
        answers: list = []
        try:
            await model.start()
            for body in bodies:
                try:
                    answer = await model.answer({"content-type": "application/json"}, json.dumps(body).encode())
                    answers.append(json.loads(answer[0]))
                except InvocationError as e:
                    answers.append(e)
        finally:
            model.close()
            await asyncio.get_running_loop().shutdown_default_executor()
        return answers

    return asyncio.run(run())


def test_it_answers_and_its_output_is_the_log(parts, settings):
    lines: list[str] = []
    assert use(parts(), lines, {"a": 1}) == [["w", {"a": 1}, "n"]]
    assert "loading ['code', 'weights']" in lines
    assert [*(settings.JOBS_FOLDER.parent / "endpoints").iterdir()] == []


def test_a_crash_fails_its_request_and_the_next_one_is_answered(parts):
    crash, answer = use(parts(), [], "crash", 1)
    assert crash.status == 500 and "exit code 3" in crash.message
    assert answer == ["w", 1, "n"]


def test_a_process_is_started_anew_after_its_files_were_dropped_for_newer_ones(parts, tmp_path):
    async def run() -> bytes:
        model = ScriptModel(parts(), lambda line: None)
        await model.start()
        shutil.rmtree(tmp_path / "model")
        try:
            with pytest.raises(InvocationError):
                await model.answer({}, b'"crash"')
            return (await model.answer({}, b"1"))[0]
        finally:
            model.close()
            await asyncio.get_running_loop().shutdown_default_executor()

    assert json.loads(asyncio.run(run())) == ["w", 1, "n"]


def test_a_status_of_the_scripts_own_is_passed_on_and_other_errors_are_500(parts):
    refused = use(parts(), [], "refuse")[0]
    assert (refused.status, refused.message) == (422, "rows need three columns")
    failed = use(parts(SCRIPT.replace("return [model", "return [missing")), [], 1)[0]
    assert failed.status == 500 and failed.message.startswith("name 'missing' is not defined\nTraceback")


def test_a_stuck_script_is_ended_after_the_time_of_a_request(parts, monkeypatch):
    monkeypatch.setattr(isolated, "INVOCATION_SECONDS", 1.0)
    stuck, answer = use(parts(), [], "sleep", 1)
    assert stuck.status == 504 and answer == ["w", 1, "n"]


def test_it_has_no_network(parts):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert use(parts(PORT=str(server.getsockname()[1])), [], "port") == ["shut"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def input_fn(b, t): pass", "NotImplementedError: Please provide a model_fn"),
        ("import nothing_of", "nothing_of"),
    ],
)
def test_a_script_that_does_not_load_says_why(parts, source, reason):
    lines: list[str] = []
    with pytest.raises(ModelLoadError, match=reason):
        use(parts(source), lines)
    assert any("Traceback" in line for line in lines)


def test_the_models_own_files_are_not_changed_by_its_script(parts, tmp_path):
    source = "def model_fn(folder):\n    open(folder + '/weights', 'w').write('changed')\n    return 1\n"
    use(parts(source), [])
    assert Path(tmp_path / "model" / "weights").read_text() == "w"


@pytest.mark.parametrize(
    "head",
    [
        [], {}, {"request": "a"}, {"status": 200}, {"status": 200, "request": "b"}, {"status": "200", "request": "a"},
        {"status": 99, "request": "a"}, {"status": 600, "request": "a"}, {"status": True, "request": "a"},
    ],
)  # fmt: skip
def test_what_is_no_answer_to_the_request_is_not_taken_for_one(head):
    assert not is_answer(head, "a")
    assert is_answer({"status": 200, "request": "a"}, "a")


def test_an_error_that_no_message_can_hold_is_cut_and_the_process_goes_on(parts):
    """A message of more than a mebibyte, or with half of a character, would look like a crash."""
    raises = 'raise ValueError("x" * 3_000_000 if data == "long" else "file \\udce4.csv")'
    source = SCRIPT.replace(
        '    if data == "crash"', f'    if data in ("long", "half"):\n        {raises}\n    if data == "crash"'
    )
    long, half, answer = use(parts(source), [], "long", "half", 1)
    assert long.status == 500 and long.message.startswith("xxx") and "ValueError" not in long.message[:16_000]
    assert half.message.startswith("file ?.csv")
    assert answer == ["w", 1, "n"]


def test_a_start_that_is_cancelled_leaves_no_process_and_no_folder(parts, settings, monkeypatch):
    """Its socket stays open until the thread that starts it is done: its number may be another's by then."""
    started = []

    def slow_start(spec, pass_fds, **more):
        time.sleep(0.3)
        os.fstat(pass_fds[0])
        started.append(start(spec, pass_fds=pass_fds, **more))
        return started[0]

    monkeypatch.setattr(script_model, "start", slow_start)

    async def run() -> None:
        model = ScriptModel(parts(), lambda line: None)
        model.start_seconds = 0.1
        with pytest.raises(ModelLoadError, match=r"not start within 0\.1 s"):
            await model.start()
        await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(run())
    assert started[0].poll() is not None
    assert [*(settings.JOBS_FOLDER.parent / "endpoints").iterdir()] == []


def test_the_folder_of_a_killed_process_is_removed_at_the_next_start(settings, tmp_path):
    settings.JOBS_FOLDER = tmp_path / "jobs"
    program = (
        "import os, django; from django.conf import settings; from pathlib import Path\n"
        f"settings.configure(JOBS_FOLDER=Path({str(settings.JOBS_FOLDER)!r}))\n"
        "from engine.serving import process_folders\n"
        "with process_folders.new() as folder: (folder / 'model').mkdir(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60)
    assert len([*(tmp_path / "endpoints").glob("*/model")]) == 1
    with process_folders.new() as folder:
        process_folders.sweep()
        assert [*(tmp_path / "endpoints").iterdir()] == [folder]
    process_folders.remove(folder)
    assert not folder.exists()
