"""`sagewright test-connection` where nothing answers; tests/wire has what it says of a running engine."""

import json

import pytest
from botocore import exceptions

from sagewright import aws
from sagewright.cli import main
from sagewright.commands import connection
from sagewright.commands.arguments import USAGE


@pytest.fixture(autouse=True)
def shell(monkeypatch, tmp_path):
    """A shell with no AWS variables, no profiles and no running Sagewright."""
    aws.client.cache_clear()
    monkeypatch.setenv("SAGEWRIGHT_DATA", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    yield monkeypatch
    aws.client.cache_clear()


def test_without_credentials_it_says_which_variables_to_set(shell, capsys):
    assert main(["test-connection"]) == connection.REFUSED
    output = capsys.readouterr().out
    assert "Credentials  none" in output and "no Sagewright runs" in output
    assert "fix: Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in output
    assert "fix: Set AWS_DEFAULT_REGION" in output


def test_where_nothing_listens_it_says_how_to_start_the_engine(shell, capsys):
    shell.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    shell.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE1234")
    shell.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    shell.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    shell.setenv("AWS_MAX_ATTEMPTS", "1")
    assert main(["test-connection", "--json"]) == connection.SILENT
    printed = capsys.readouterr().out
    document = json.loads(printed)
    assert not document["ok"] and "not-to-be-shown" not in printed
    assert (document["endpoint"], document["region"], document["access_key"]) == (
        "http://127.0.0.1:9",
        "eu-west-1",
        "...1234",
    )
    assert document["chosen_by"] == "AWS_ENDPOINT_URL"
    assert [answer["service"] for answer in document["answers"]] == ["STS", "SageMaker", "S3"]
    assert all("python3 run" in answer["fix"] for answer in document["answers"])


def test_a_profile_that_is_not_there(shell, capsys):
    shell.setenv("AWS_PROFILE", "nobody")
    assert main(["test-connection"]) == connection.REFUSED
    assert "Correct AWS_PROFILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("UnrecognizedClientException", "access key is not known"),
        ("InvalidAccessKeyId", "access key is not known"),
        ("SignatureDoesNotMatch", "clock"),
        ("ExpiredToken", "Sign in again"),
        ("AccessDeniedException", "allow sagemaker:ListTrainingJobs"),
        ("Unheard", "service's own words"),
    ],
)
def test_each_refusal_has_its_fix(shell, code, fix):
    def refuse(**_):
        raise exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "ListTrainingJobs")

    shell.setattr(
        connection, "client", lambda service: type("Client", (), {"list_training_jobs": staticmethod(refuse)})
    )
    answer = connection._ask("SageMaker", "sagemaker", "list_training_jobs", str)
    assert answer.exit_code == connection.REFUSED and fix in answer.fix and "no" in answer.text


def test_a_wrong_option_has_an_exit_code_of_its_own():
    with pytest.raises(SystemExit) as ended:
        main(["test-connection", "--fast"])
    assert ended.value.code == USAGE


@pytest.mark.parametrize(
    ("variables", "source"),
    [
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}, "AWS_ENDPOINT_URL"),
        ({"SAGEWRIGHT_BACKEND": "aws"}, "SAGEWRIGHT_BACKEND=aws"),
        ({}, "the Sagewright that runs on"),
    ],
)
def test_what_the_person_says_goes_before_what_runs(shell, tmp_path, variables, source):
    for name, value in variables.items():
        shell.setenv(name, value)
    shell.setattr(aws, "running_stack", lambda: {"environment": {}})
    assert aws.choose_account().startswith(source)
