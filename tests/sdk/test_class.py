"""A Model class from fit to predict on a real engine: as a script of a person's, and as the tutorial says."""

import doctest
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sagewright import JobFailed, NotAlone, PredictionFailed, S3DataSource, TrainingJob
from sagewright.cli import main
from tests.sdk import classes
from tests.stack import ROOT

pytestmark = pytest.mark.stack
SCRIPT = """
import numpy as np
from sagewright import Model, PredictorInstance, S3DataSource, TrainingInstance

class Ridge(Model):
    def train(self, data, *, alpha: float = 0.1):
        x, y = data.features.to_numpy(), data.target.to_numpy()
        self.weights = np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ y)

    def predict(self, rows):
        return rows.to_numpy() @ self.weights

LOCAL = __import__("sys").argv[1:] == ["local"]
model = Ridge(alpha=0.01)
job = model.fit(TrainingInstance("ml.m5.large"), S3DataSource("train.csv", target="y"), local=LOCAL)
predictor = model.deploy(PredictorInstance("ml.m5.large"), S3DataSource(job.artifact))
print(predictor.predict([{"b": 1, "a": 1}]).round(2).tolist())
predictor.delete()
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    lines = [f"{n % 7},{n % 5},{2 * (n % 7) - (n % 5)}" for n in range(80)]
    (folder / "train.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    return folder / "train.csv"


@pytest.mark.parametrize("where", ["local", "engine"])
def test_a_script_of_twenty_lines_goes_from_fit_to_predict(account, table, where):
    assert len(SCRIPT.strip().splitlines()) <= 20
    (table.parent / "ridge.py").write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "ridge.py", where], cwd=table.parent, env=environment, capture_output=True, text=True
    )
    print(f"{where}: {time.monotonic() - began:.1f} s")
    assert (done.stdout, done.returncode) == ("[1.0]\n", 0), done.stderr


@pytest.fixture(scope="module")
def frame_predictor(account, table):
    model = classes.Frames(names=["low", "high"])
    model.fit(S3DataSource(str(table), target="y"), validation=S3DataSource(str(table), target="y"), name="frames")
    with model.deploy(name="frames") as predictor:
        predictor.job = model.job
        yield predictor


def test_annotations_choose_the_tables_and_metrics_make_a_curve(frame_predictor):
    job = TrainingJob.attach(frame_predictor.job.name)
    assert job.history["rows"] == [80, 160] and job.metrics["rows"] == 160
    answer = frame_predictor.predict([{"a": 6, "b": 0}, {"b": 4, "a": 0}])
    assert answer.to_dict() == {"label": ["high", "low"], "score": [12.0, -4.0]}


def test_a_model_that_fails_on_rows_says_so(frame_predictor):
    with pytest.raises(PredictionFailed, match="frames answered with an error: .*Missing: b"):
        frame_predictor.predict({"a": 1})


def test_a_failure_names_the_line_of_the_persons_file(account, table, capsys):
    with pytest.raises(
        JobFailed, match=r"failed in classes.py, line \d+, train: ValueError: nothing to learn"
    ) as raised:
        classes.Broken().fit(S3DataSource(str(table), target="y"), name="broken")
    assert "ValueError: nothing to learn" in "\n".join(raised.value.log)
    name = str(raised.value).split()[2]
    assert main(["logs", "-f", name]) == 2 and "nothing to learn" in capsys.readouterr().out


def test_a_job_is_stopped_and_attached(account, table):
    with pytest.raises(KeyError), classes.Endless().fit(S3DataSource(str(table), target="y"), wait=False) as job:
        raise KeyError
    assert TrainingJob.attach(job.name).wait().status == "Stopped"


def test_a_trained_class_comes_back_into_this_process(frame_predictor):
    loaded = classes.Frames.load(frame_predictor.job)
    assert loaded.names == ["low", "high"]


def test_a_class_inside_of_a_function_is_refused(account, table):
    class Inside(classes.Broken):
        pass

    with pytest.raises(NotAlone, match="Define it at the top of a module"):
        Inside().fit(S3DataSource(str(table), target="y"))


def test_the_tutorial_runs(account, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    result = doctest.testfile(str(ROOT / "docs" / "sdk.md"), module_relative=False, globs={"__name__": "__main__"})
    assert result.failed == 0 and result.attempted > 20
