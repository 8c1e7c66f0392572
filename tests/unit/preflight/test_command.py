"""`sagewright preflight`: what it prints and how it exits."""

import json

import pytest

from sagewright.cli import main
from sagewright.commands.arguments import USAGE
from sagewright.commands.preflight import BLOCKED, CLEAN, UNKNOWN, WARNED
from tests.unit.preflight.conftest import table


@pytest.fixture
def churn(tmp_path):
    path = tmp_path / "churn.csv"
    path.write_text(table())
    return path


def test_a_clean_table_exits_with_0(churn, capsys):
    assert main(["preflight", str(churn), "--target", "churned", "--strict"]) == CLEAN
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 errors, 0 warnings")


def test_the_plan_of_the_launch_is_printed(churn, capsys):
    arguments = ["preflight", str(churn), "--target", "churned", "--job-name", "churn-1", "--output", "s3://out/jobs/"]
    assert main(arguments) == CLEAN
    printed = " ".join(capsys.readouterr().out.split())
    assert "plan The table is prepared first. channels: train s3://out/jobs/churn-1/train/ (text/csv)" in printed
    assert "objective=binary:logistic" in printed and "stopped after 1 h" in printed


def test_a_job_that_no_check_speaks_against_and_no_launch_starts_is_blocked(churn, capsys):
    arguments = ["preflight", str(churn), "--target", "churned", "--cost-limit", "0.001"]
    assert main(arguments) == BLOCKED
    printed = capsys.readouterr().out
    assert "too little to train" in printed and printed.splitlines()[-1].startswith("1 errors")
    assert main([*arguments, "--json"]) == BLOCKED
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert plan["request"] is None and "too little to train" in plan["problems"][0]


def test_warnings_count_only_when_strict(churn):
    churn.write_text(
        "".join(line + (",country" if i == 0 else ",KR") + "\n" for i, line in enumerate(table().splitlines()))
    )
    assert main(["preflight", str(churn), "--target", "churned"]) == CLEAN
    assert main(["preflight", str(churn), "--target", "churned", "--strict"]) == WARNED


def test_a_fault_is_printed_with_file_and_line(churn, capsys):
    arguments = ["preflight", str(churn), "--raw", "--hyperparameter", "num_round=5", "--hyperparameter", "eta=1.5"]
    assert main(arguments) == BLOCKED
    printed = capsys.readouterr().out
    assert f"at {churn}:1" in printed and "The first row is column names" in printed
    assert "container: Hyperparameter eta: 1.5 is not in [0, 1]" in printed and "\033" not in printed


def test_the_report_as_json(churn, capsys):
    assert main(["preflight", str(churn), "--target", "none", "--json"]) == BLOCKED
    output = json.loads(capsys.readouterr().out)
    assert output["blocks"] and output["findings"][0]["id"] == "target.column"


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["preflight", str(tmp_path / "gone.csv"), "--target", "x"]) == BLOCKED
    assert "There is no data at this address" in capsys.readouterr().out


@pytest.mark.parametrize("value", [["preflight"], ["preflight", "x.csv", "--hyperparameter", "eta"]])
def test_a_wrong_command_line_has_an_exit_code_of_its_own(value):
    with pytest.raises(SystemExit) as ended:
        main(value)
    assert ended.value.code == USAGE


def test_a_request_in_a_file(churn, tmp_path, capsys):
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"ResourceConfig": {}, "AlgorithmSpecification": {"TrainingImage": "nginx:1"}}))
    with pytest.raises(SystemExit):
        main(["preflight", "--request", str(request)])
    assert "nginx:1 names none of the algorithms" in capsys.readouterr().err


class Panic(BaseException):
    """As a panic of a Rust library, which is no Exception."""


@pytest.mark.parametrize("where", ["tables.inspector.build_profile", "sagewright.report.show", "jobs.plan._of_whole"])
@pytest.mark.parametrize("error", [Panic("index out of bounds"), RuntimeError("index out of bounds")])
def test_what_fails_unforeseen_exits_with_3_and_names_the_file(churn, capsys, monkeypatch, caplog, where, error):
    def fail(*_args, **_more):
        raise error

    monkeypatch.setattr(where, fail)
    assert main(["preflight", str(churn), "--target", "churned"]) == UNKNOWN
    printed = " ".join("".join(capsys.readouterr()).split())
    assert "churn.csv" in printed and "index out of bounds" in printed
    assert any(record.exc_info for record in caplog.records)
