"""A portable model answers as its endpoint does, with Python, NumPy and the algorithm's library alone."""

import ast
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import orjson
import pytest

import algorithms
from common.problems import Problem
from engine.serving.answering import Answering
from jobs.portable import bundle, plain_json
from jobs.portable.files import PACKAGE
from jobs.portable.sources import predictor_sources
from tests.serve_equality import ugly
from tests.serve_equality.compare import RECIPE
from tests.unit.evaluation.trained import train

LIBRARIES = {"numpy", "xgboost", "lightgbm", "catboost", "faiss"}
IN_SUITE = ("linear-learner",)
# Packages that the program must do without. CatBoost and others bring pandas and Polars themselves.
ABSENT = ("orjson", "django", "boto3", "sagewright", "tables", "algorithms", "common", "jobs")
ALONE = f"import runpy, sys; sys.modules.update(dict.fromkeys({ABSENT})); sys.argv = sys.argv[1:]"
RUN = f"{ALONE}; runpy.run_path(sys.argv[0], run_name='__main__')"


def unpacked(root: Path, algorithm, schema: dict) -> Path:
    files = bundle.bundle_files(algorithm, "churn", schema, {"seeds": {"holdout": 0}})
    artifact = (root / "model.tar.gz").read_bytes()
    archive = b"".join(bundle.archive("churn", files, [artifact[:100], artifact[100:]], len(artifact)))
    assert len(archive) == bundle.archive_size(files, len(artifact))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(root, filter="data")
    assert (root / "churn/model.tar.gz").read_bytes() == artifact
    return root / "churn"


def run(folder: Path, rows: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-I", "-c", RUN, str(folder / "predict.py"), str(rows)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in IN_SUITE else pytest.mark.long) for n in algorithms.ALGORITHMS],
)
def test_three_hundred_ugly_rows_get_the_answers_of_the_endpoint(name, tmp_path):
    algorithm, rows = algorithms.get(name), ugly.table(300, 0, "binary", new=False)
    target = {"target": ugly.TARGET} if algorithm.supervised else {"excluded": [ugly.TARGET]}
    schema = train(tmp_path, ugly.as_csv(rows), name, **RECIPE | target)
    folder = unpacked(tmp_path, algorithm, schema)
    calls = [*rows[:150], *ugly.table(150, 0, "binary", new=True)]
    body = ugly.as_csv([{k: v for k, v in row.items() if k != ugly.TARGET} for row in calls]).encode()
    endpoint = Answering(algorithm.load_predictor().load(tmp_path / "trained"), algorithm.accept_header)
    endpoint.use_schema(schema)
    accept = f"{algorithm.accept_header or 'application/json'}; labels=true"
    expected = json.loads(endpoint.answer(body, "text/csv", accept)[0])["predictions"]
    (tmp_path / "rows.csv").write_bytes(body)
    process = run(folder, tmp_path / "rows.csv")
    assert [json.loads(line) for line in process.stdout.splitlines()] == expected, process.stderr
    assert len(expected) == 300
    assert "were not in the training data" in process.stderr


def test_rows_as_dictionaries_and_as_json_lines_and_what_cannot_be_read(tmp_path):
    csv = "age,plan,left\n" + "".join(f"{i % 50},{'ab'[i % 2]},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    schema = train(tmp_path, csv, "linear-learner", target="left", has_header=True)
    folder = unpacked(tmp_path, algorithms.get("linear-learner"), schema)
    program = (
        "from predict import load; import json; model = load(sys.argv[0]);"
        "print(json.dumps(model.predict([{'age': 41, 'plan': 'a'}, {'age': '7.0', 'plan': None}])));"
        "print(model.columns, sorted(model.manifest['libraries']))"
    )
    code = f"{ALONE}; sys.path.insert(0, sys.argv[0]); {program}"
    process = subprocess.run([sys.executable, "-I", "-c", code, str(folder)], capture_output=True, text=True)
    answers, columns = process.stdout.splitlines()
    assert columns == "['age', 'plan'] ['numpy']"
    (tmp_path / "rows.jsonl").write_text('{"age": 41, "plan": "a"}\n{"age": "7.0", "plan": null}\n')
    lines = run(folder, tmp_path / "rows.jsonl").stdout.splitlines()
    assert json.loads(answers) == [json.loads(line) for line in lines]
    assert {answer["label"] for answer in json.loads(answers)} <= {"yes", "no"}
    (tmp_path / "rows.csv").write_text("age,plan\nold,a\n")
    process = run(folder, tmp_path / "rows.csv")
    assert process.returncode == 1 and process.stdout == ""
    assert process.stderr.startswith("predict.py: age") and "Traceback" not in process.stderr
    (folder / "model.tar.gz").write_bytes(b"no archive")
    assert "not a complete tar.gz file" in run(folder, tmp_path / "rows.jsonl").stderr


@pytest.mark.parametrize("name", algorithms.ALGORITHMS)
def test_the_packed_modules_import_each_other_numpy_and_the_library(name):
    algorithm = algorithms.get(name)
    used = set()
    for text in predictor_sources(algorithm.predictor).values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add((node.module or "").partition(".")[0])
    foreign = {package for package in used if package not in sys.stdlib_module_names}
    assert PACKAGE in foreign and foreign <= {PACKAGE, *LIBRARIES}
    assert all(bundle.library_versions(algorithm).values())


def test_the_sources_of_another_package_are_not_packed():
    with pytest.raises(Problem, match="one of package their_forest"):
        predictor_sources("their_forest.predict:Predictor")


def test_an_artifact_that_ends_early_breaks_the_archive():
    pieces = bundle.archive("churn", {"a": b"1"}, iter([b"x" * 9]), 10)
    with pytest.raises(ValueError, match="9 bytes and not 10"):
        list(pieces)


def test_json_without_orjson_has_the_same_values():
    value = {"a": [1e-7, 0.1, 3.0, 1e22, -0.0], "b": [[1, "é"], None, True], "c": float("nan"), "d": [float("inf")]}
    assert orjson.loads(plain_json.dumps(value)) == orjson.loads(orjson.dumps(value))
    numbers = np.array([[0.1, 3.0], [1e22, np.nan]])
    as_orjson = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)
    assert orjson.loads(plain_json.dumps(numbers, option=plain_json.OPT_SERIALIZE_NUMPY)) == orjson.loads(as_orjson)
    with pytest.raises(plain_json.JSONDecodeError):
        plain_json.loads(b"{")
