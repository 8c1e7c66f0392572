"""A model is evaluated in a process of its own: whatever it does, the caller gets a sentence."""

import json
import shutil
import socket
import sys
import tarfile

import pytest

from common.problems import Problem
from evaluation import files, process
from evaluation.process import evaluate_apart, open_predictions
from sandbox.interpreter import own_binds
from sandbox.level import available
from sandbox.spec import Level
from tests.unit.evaluation.trained import train
from tests.unit.tables import real


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    root = tmp_path_factory.mktemp("model") / "run"
    train(root, real.iris(), "xgboost", target="target")
    return root


@pytest.fixture
def folder(model, tmp_path):
    """A copy of the inputs."""
    for name in (files.REQUEST, files.SCHEMA, files.ARTIFACT):
        (tmp_path / name).write_bytes((model / name).read_bytes())
    shutil.copytree(model / files.BUCKET, tmp_path / files.BUCKET)
    return tmp_path


def replace_model(folder, name: str, content: bytes) -> None:
    path = folder / "replacement"
    path.write_bytes(content)
    with tarfile.open(folder / files.ARTIFACT, "w:gz") as archive:
        archive.add(path, name)


def test_a_pickle_is_not_opened(folder):
    replace_model(folder, "xgboost-model", b"\x80\x04cposix\nsystem\nX\x00\x00\x00\x00.")
    with pytest.raises(Problem, match="pickle|Unable to load"):
        evaluate_apart(folder, 2**32, lambda: None)
    assert not (folder / files.EVALUATION).exists()


def test_an_archive_that_leads_out_of_its_folder_is_refused(folder):
    replace_model(folder, "../../escaped", b"x")
    with pytest.raises(Problem, match="member outside of it"):
        evaluate_apart(folder, 2**32, lambda: None)


def test_a_model_that_answers_other_rows_is_refused(folder):
    schema = json.loads((folder / files.SCHEMA).read_text())
    (folder / files.SCHEMA).write_text(json.dumps(schema | {"classes": ["one", "two", "three", "four"]}))
    with pytest.raises(Problem, match="no predicted class"):
        evaluate_apart(folder, 2**32, lambda: None)


def test_more_memory_or_time_than_it_may_ends_the_process(folder):
    with pytest.raises(Problem, match="more than 0.00977 GiB of memory"):
        evaluate_apart(folder, 10 * 2**20, lambda: None)
    with pytest.raises(Problem, match="longer than 0 seconds"):
        evaluate_apart(folder, 2**32, lambda: None, seconds=0)


def test_what_the_caller_raises_ends_the_process(folder, monkeypatch):
    started = []
    start = process.start
    monkeypatch.setattr(process, "start", lambda *a, **k: started.append(start(*a, **k)) or started[-1])

    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        evaluate_apart(folder, 2**32, stop)
    assert started[0].poll() is not None


def test_the_process_has_no_credentials(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert not any("AWS" in name for name in process._clean_environment())


@pytest.fixture
def library(tmp_path_factory, monkeypatch):
    """Call it with the text of a module that the process imports in the place of XGBoost."""
    path = tmp_path_factory.mktemp("library")
    monkeypatch.setenv("PYTHONPATH", str(path))
    monkeypatch.setattr(sys, "path", [*sys.path, str(path)])  # what a sandbox shows is what this process can import
    own_binds.cache_clear()
    yield (path / "xgboost.py").write_text
    own_binds.cache_clear()


def test_a_machine_without_the_algorithms_library_says_what_to_install(folder, library):
    library("raise ModuleNotFoundError(\"No module named 'xgboost'\")")
    with pytest.raises(Problem, match=r"No module named 'xgboost'.*Install sagewright\[engine\]"):
        evaluate_apart(folder, 2**32, lambda: None)


def harmful(statement: str, code: int = 0) -> str:
    """A module that runs `statement` in the folder of the evaluation and ends its process with `code`."""
    return f"import os, pathlib, socket, sys\nos.chdir(sys.argv[1])\n{statement}\nos._exit({code})"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (files.EVALUATION, '{"kind": "binary", "rows": 1', 0),
        (files.EVALUATION, "[1, 2]", 0),
        (files.EVALUATION, '{"rows": NaN}', 0),
        (files.EVALUATION, '{"rows": 1e999}', 0),
        (files.EVALUATION, "[" * 100_000, 0),
        (files.ERROR, "{}", 1),
        (files.ERROR, '{"error": ["x"]}', 1),
    ],
    ids=["truncated", "a list", "NaN", "infinite", "deep", "no error", "an error that is no text"],
)
def test_a_result_that_is_none_is_refused(folder, library, name, text, code):
    library(harmful(f"pathlib.Path({name!r}).write_text({text!r})", code))
    with pytest.raises(Problem, match="left no result"):
        evaluate_apart(folder, 2**32, lambda: None)


def test_whatever_the_models_library_raises_is_said(folder, library):
    library("raise OverflowError('of its own')")
    with pytest.raises(Problem, match="failed on its test rows: OverflowError: of its own"):
        evaluate_apart(folder, 2**32, lambda: None)


def test_a_model_that_takes_over_its_process_sees_and_leaves_nothing(folder, library, tmp_path_factory):
    if available() is Level.LIMITED:
        pytest.skip("nothing keeps a process in on this machine")
    secret = tmp_path_factory.mktemp("secret") / "key"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        attempts = (f"open({str(secret)!r}).read()", f"socket.create_connection({server.getsockname()!r}, 5)")
        for attempt in attempts:
            library(harmful(f"try:\n    {attempt}\nexcept OSError:\n    os._exit(3)"))
            with pytest.raises(Problem, match=r"ended the process that evaluated it \(exit code 3\)"):
                evaluate_apart(folder, 2**32, lambda: None)
            shutil.rmtree(folder / "model")
    library(harmful(f"os.symlink({str(secret)!r}, {files.PREDICTIONS!r}); os.mkfifo({files.EVALUATION!r})"))
    with pytest.raises(Problem, match="left no result"):
        evaluate_apart(folder, 2**32, lambda: None)
    with pytest.raises(Problem, match="left no result"):
        open_predictions(folder)
