"""The trial of people's code: what is reported of code that works, differs, raises or never ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.code.kinds import CLASS, SKLEARN
from jobs.code.repair import dummies_lines, keep_columns
from jobs.code.spec import CodeSpec
from jobs.code.trial import MARK, PROGRAM, read_result, trial_files, without_result
from tests.waiting import wait_for

HEAD = "from sagewright import Model\n\n\nclass Rule(Model):\n"
MEAN = (
    HEAD
    + """    def train(self, data, *, add: float = 0.0):
        self.mean = float(data.target.to_numpy().mean()) + add
        self.log(mean=self.mean)

    def predict(self, rows):
        return [self.mean] * len(rows)
"""
)
DEPENDS = (
    HEAD
    + """    def train(self, data):
        self.state = 0

    def predict(self, rows):
        return rows.to_numpy()[:, 0] - rows.to_numpy()[:, 0].mean()
"""
)
RAISES = (
    HEAD
    + """    def train(self, data):
        self.help(data)

    def help(self, data):
        return data["nope"]

    def predict(self, rows):
        return rows
"""
)
FORGETS = (
    HEAD
    + """    _sagewright_x = 0
    calls = 0

    def train(self, data):
        type(self).calls = 5

    def predict(self, rows):
        type(self).calls += 1
        return [self.calls] * len(rows)
"""
)
NEVER = (
    HEAD
    + """    def train(self, data):
        print("begun", flush=True)
        while True:
            pass

    def predict(self, rows):
        return rows
"""
)
SCRIPT = """import argparse, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
args = parser.parse_args()
def model_fn(model_dir):
    return open(os.path.join(model_dir, "model.txt")).read()
if __name__ == "__main__":
    print(f"depth={args.depth};")
    open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w").write("x")
"""


class Folder:
    """A job's folder with the code of a trial and a table of four rows."""

    def __init__(self, path: Path, code: CodeSpec, hyperparameters: dict[str, str] | None = None):
        self.code, self.model = path / "code", path / "model"
        options = {"data": {"target": "y", "header": True}}
        files = trial_files(code, code.check, {}, options, hyperparameters or {})
        for name, content in files.items():
            (self.code / name).parent.mkdir(parents=True, exist_ok=True)
            (self.code / name).write_bytes(content)
        (path / "data").mkdir()
        (path / "data" / "rows.csv").write_text("a,y\n1,2\n2,4\n3,6\n4,8\n")
        self.model.mkdir()
        self.environment = {"SM_MODEL_DIR": str(self.model), "SM_CHANNEL_DATA": str(path / "data"), "PATH": os.defpath}

    def command(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, str(self.code / PROGRAM), *arguments],
            cwd=self.code, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[dict, list[str]]:
        out, _none = self.command(*arguments).communicate(timeout=60)
        return read_result(out.splitlines()), without_result(out.splitlines())


def test_code_that_works_is_described(tmp_path):
    report, log = Folder(tmp_path, CodeSpec(CLASS, "rule:Rule", MEAN), {"add": "1.0"}).run()

    assert report["ok"], report
    facts = report["facts"]
    assert (facts["rows"], facts["twice"], facts["alone"], facts["loaded"]) == (4, True, {"same": True}, True)
    assert facts["answers"] == {"count": 4, "kind": "numbers", "min": 6.0, "max": 6.0}
    assert report["metrics"] == {"mean": 6.0}
    assert facts["bytes"] > 0 and report["memory"] > 0
    assert {"start", "train", "save", "predict"} == report["seconds"].keys()
    assert any(line.startswith("metrics mean=6;") for line in log)


def test_a_row_that_is_answered_otherwise_alone_is_found(tmp_path):
    report, _log = Folder(tmp_path, CodeSpec(CLASS, "rule:Rule", DEPENDS)).run()

    assert report["facts"]["alone"] == {"same": False}


def test_answers_that_change_from_call_to_call_are_found(tmp_path):
    report, _log = Folder(tmp_path, CodeSpec(CLASS, "rule:Rule", FORGETS)).run()

    assert report["facts"]["twice"] is False


def test_an_exception_is_told_with_the_persons_own_lines(tmp_path):
    report, _log = Folder(tmp_path, CodeSpec(CLASS, "rule:Rule", RAISES)).run()

    assert (report["ok"], report["stage"], report["error"]["type"]) == (False, "train", "KeyError")
    assert [(f["file"], f["line"], f["function"]) for f in report["error"]["frames"]] == [
        ("rule.py", 6, "train"), ("rule.py", 9, "help"),
    ]  # fmt: skip
    assert "Traceback" in report["error"]["raw"]


def test_code_that_is_stopped_says_where_it_was(tmp_path):
    process = Folder(tmp_path, CodeSpec(CLASS, "rule:Rule", NEVER)).command()
    assert process.stdout
    wait_for(lambda: process.stdout.readline() == "begun\n", "the code to begin")
    process.send_signal(signal.SIGTERM)
    out, _none = process.communicate(timeout=30)

    report = read_result(out.splitlines())

    assert (report["ok"], report["stage"]) == (False, "train")
    assert [f["function"] for f in report["timeout"]["frames"]] == ["train"]


def test_a_script_is_run_and_its_model_loaded(tmp_path):
    report, log = Folder(tmp_path, CodeSpec(SKLEARN, "train.py", SCRIPT)).run("--depth", "3")

    assert report["ok"], report
    assert report["facts"] == {"bytes": 1, "loads": True}
    assert "depth=3;" in log


def test_a_script_that_refuses_its_arguments_is_told(tmp_path):
    report, log = Folder(tmp_path, CodeSpec(SKLEARN, "train.py", SCRIPT)).run("--height", "3")

    assert not report["ok"]
    assert "exit code 2" in report["error"]["message"]
    assert any("unrecognized arguments: --height 3" in line for line in log)


NO_REPORT = {
    "none": "",
    "empty": MARK,
    "list": MARK + "[1]",
    "cut": MARK + "{",
    "deep": MARK + "[" * 9999,
    "long": MARK + '{"a":"' + "x" * 70000 + '"}',
}


@pytest.mark.parametrize("line", NO_REPORT.values(), ids=NO_REPORT)
def test_a_line_that_is_no_report_is_none(line):
    assert read_result([line]) == {}


def test_the_last_report_counts():
    assert read_result([MARK + '{"ok": true}', "x " + MARK + json.dumps({"ok": False})]) == {"ok": False}


CHURN = """import pandas as pd
from sagewright import Model


class Churn(Model):
    def train(self, data: pd.DataFrame, *, depth: int = 6):
        x, y = data.drop(columns=["churned"]), data["churned"]
        self.trees = Trees(max_depth=depth)
        self.trees.fit(pd.get_dummies(x), y)

    def predict(self, rows: pd.DataFrame):
        answer = self.trees.predict_proba(pd.get_dummies(rows))[:, 1]
        return answer
"""


def test_the_offered_edit_keeps_the_columns_of_training():
    repaired = keep_columns(CHURN)

    assert "        self.columns = pd.get_dummies(x).columns\n        self.trees.fit(" in repaired
    assert "pd.get_dummies(rows).reindex(columns=self.columns, fill_value=0))[:, 1]" in repaired
    assert (dummies_lines(CHURN), dummies_lines(repaired)) == ([9, 12], [9, 10])
    assert keep_columns(repaired) == ""


@pytest.mark.parametrize("source", ["", "x = (", "class A:\n    def train(self, d): pass\n", "get_dummies(1)\n"])
def test_no_edit_is_offered_where_it_is_not_sure(source):
    assert keep_columns(source) == ""
