"""A model with a script of its own, in its sandboxed process: it answers, fails alone, and is started anew."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from algorithms.spec import InvocationError
from engine.frameworks import environments
from engine.serving import isolated
from engine.serving.script import Script
from engine.serving.script_model import ScriptModel, checked
from engine.serving.served_model import ModelLoadError

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
    (model / "code").mkdir(parents=True)
    (model / "weights").write_text("w")

    def make(source: str = SCRIPT, **variables: str) -> Script:
        (model / "code" / "inference.py").write_text(source)
        return Script(model, None, environments.base(), "sklearn", {"NOTE": "n", **variables})

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
        [], {}, {"status": "200"}, {"status": 99}, {"status": True}, {"status": 200, "content_type": 3},
        {"status": 200, "content_type": "text/csv\r\nset-cookie: a=b"}, {"status": 200, "content_type": "x" * 300},
    ],
)  # fmt: skip
def test_an_answer_that_a_gateway_cannot_pass_on_is_an_error(head):
    assert checked(head)["status"] == 500


def test_an_answer_is_passed_on_without_what_nobody_asked_for():
    said = {"status": 200, "content_type": "text/csv", "unseen": {"a": 1}, "more": 2}
    assert checked(said) == {"status": 200, "content_type": "text/csv", "message": ""}
