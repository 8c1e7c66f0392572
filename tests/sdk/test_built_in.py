"""A built-in algorithm from a file to a prediction, by the words of the SDK and by the command, on a real engine."""

import io
import json
import sys

import pandas as pd
import polars as pl
import pytest

from sagewright import (
    EndpointFailed,
    Model,
    NotFound,
    PredictionFailed,
    PredictorInstance,
    PreflightFailed,
    S3DataSource,
    TrainingInstance,
    TrainingJob,
)
from sagewright.cli import main
from sagewright.commands.completion import candidates
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.session import default_session

pytestmark = pytest.mark.stack
ROW = {"city": "Seoul", "age": 60}
FRAME = {"age": [60, 20], "churned": ["?", "?"], "city": ["Busan", "Busan"]}


@pytest.fixture(scope="module")
def model(account, churn):
    """A trained model."""
    model = Model.xgboost(num_round=15)
    model.fit(
        TrainingInstance("ml.m5.large", max_runtime=600), S3DataSource(str(churn), target="churned"), name="churn"
    )
    return model


@pytest.fixture(scope="module")
def predictor(model):
    """Its endpoint, deleted afterwards."""
    with model.deploy(PredictorInstance(), name="churn-sdk") as live:
        yield live
    with pytest.raises(NotFound, match="There is no endpoint churn-sdk in us-east-1"):
        live.describe()


def test_the_job_has_artifact_metrics_and_log(model):
    job = TrainingJob.attach(model.job.name)
    assert job.status == "Completed" and job.artifact == model.job.artifact
    assert job.metrics["validation:auc"] > 0.9
    assert any("validation-auc" in line for line in job.logs())


ROWS = {
    "pandas": pd.DataFrame(FRAME),
    "polars": pl.DataFrame(FRAME),
    "columns": FRAME,
    "dicts": [{"city": "Busan", "age": 60}, {"city": "Busan", "age": 20}],
    "lists": [["Busan", 60], ["Busan", 20]],
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_of_any_kind_are_answered_with_the_labels_of_the_table(predictor, rows):
    assert [answer["label"] for answer in Model.get(predictor.name).predict(rows)] == ["yes", "no"]


def test_one_row_has_one_answer_and_a_wrong_one_is_told_by_its_column(predictor):
    answer = predictor.predict(ROW)
    assert answer["label"] == "no" and answer["probabilities"].keys() == {"yes", "no"}
    with pytest.raises(PredictionFailed, match="Column city is missing"):
        predictor.predict({"age": 60})


def test_a_name_that_is_taken_says_what_to_do_and_leaves_nothing(model, predictor):
    sagemaker = default_session().client("sagemaker")
    before = sagemaker.list_models()["Models"]
    with pytest.raises(EndpointFailed, match=r"Give deploy\(..., name=...\) another name"):
        model.deploy(name=predictor.name)
    assert sagemaker.list_models()["Models"] == before


def test_preflight_speaks_before_anything_starts(account, churn, tmp_path):
    with pytest.raises(PreflightFailed, match="There is no column 'nix' in s3://.*Choose one of them") as raised:
        Model.xgboost(num_round=5).fit(S3DataSource(str(churn), target="nix"))
    assert [finding["level"] for finding in raised.value.findings].count("err") == 1
    with pytest.raises(ValueError, match=r"num_round: .*nix"):
        Model.xgboost(num_round="many", nix=1)
    with pytest.raises(NotFound, match="neither a file nor a folder with files"):
        Model.xgboost(num_round=5).fit(S3DataSource(str(tmp_path / "gone.csv")))


def test_every_algorithm_of_the_catalogue_is_offered(account):
    import algorithms

    for name in algorithms.ALGORITHMS:
        factory = getattr(Model, name.replace("-", "_"))
        assert algorithms.get(name).title in factory.__doc__


def test_the_planner_comes_back_after_it_was_lost(account):
    planner = planner_of(default_session())
    planner._process.kill()
    planner._process.wait()
    assert planner_of(default_session()).ask("image", region="us-east-1").endswith("py3")


def run(*words: str, out) -> tuple[int, str, str]:
    code = main(words)
    return code, *out.readouterr()


def test_the_command_lists_deploys_predicts_and_deletes(model, capsys, tmp_path):
    job = model.job.name
    code, out, _ = run("jobs", "--json", out=capsys)
    assert (
        code == 0
        and {"name": job, "status": "Completed"}.items()
        <= next(row for row in json.loads(out) if row["name"] == job).items()
    )
    assert "validation-auc" in run("logs", "-f", job, out=capsys)[1]
    code, out, _ = run("deploy", job, "--name", "churn-cli", "--json", out=capsys)
    assert (code, json.loads(out)) == (0, {"endpoint": "churn-cli", "status": "InService"})
    (tmp_path / "rows.csv").write_text("age,city\n60,Busan\n20,Busan\n")
    code, out, _ = run("predict", "churn-cli", str(tmp_path / "rows.csv"), out=capsys)
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == ["label=yes", "label=no"]
    code, out, _ = run("predict", "churn-cli", "--json", "--row", "city=Seoul", "age=60", out=capsys)
    assert json.loads(out)[0]["label"] == "no"
    assert "churn-cli" in run("endpoints", out=capsys)[1]
    assert candidates(["predict", "churn-c"]) == ["churn-cli"]
    assert run("delete", "churn-cli", out=capsys)[:2] == (0, "churn-cli deleted\n")
    assert "churn-cli-" not in run("models", out=capsys)[1]


def test_the_command_reads_standard_input(predictor, capsys, monkeypatch):
    for text in ("age,city\n60,Busan\n", '[{"age": 60, "city": "Busan"}]'):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert run("predict", predictor.name, "-", out=capsys)[1].startswith("label=yes")


def test_the_command_says_what_is_wrong_and_ends_with_its_code(account, predictor, capsys, monkeypatch):
    code, _, error = run("logs", "no-such-job", out=capsys)
    assert code == 2 and "There is no training job no-such-job" in error
    code, _, error = run("delete", predictor.name, "no-such-endpoint", out=capsys)
    assert code == 2 and "no-such-endpoint" in error and predictor.status == "InService"
    code, _, error = run("predict", predictor.name, "--row", "age=1", out=capsys)
    assert code == 2 and "Column city is missing" in error
    with pytest.raises(SystemExit) as ended:
        main(["predict", predictor.name])
    assert ended.value.code == 64
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    code, _, error = run("jobs", out=capsys)
    assert code == 3 and "test-connection" in error


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["lo"], ["logs"]),
        (["jobs", "--st"], ["--status"]),
        (["completion", ""], ["bash", "fish", "zsh"]),
        (["nix", ""], []),
    ],
)
def test_words_are_completed(account, words, completed):
    assert candidates(words) == completed


def test_each_shell_gets_a_function(capsys):
    for shell in ("bash", "zsh", "fish"):
        assert "sagewright completion --words" in run("completion", shell, out=capsys)[1]
