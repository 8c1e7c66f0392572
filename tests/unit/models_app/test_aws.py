import boto3
import pytest
from botocore import exceptions

from models_app import aws
from models_app.problems import Missing, Problem


def answered(code: str, text: str, status: int = 400) -> Problem:
    response = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(Problem) as outcome, aws.plain_errors():
        raise exceptions.ClientError(response, "CreateThing")
    return outcome.value


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ResourceInUse", "Training job names must be unique within an AWS account and region"),
        ("ValidationException", 'Cannot create already existing model "arn:aws:sagemaker:::model/m".'),
        ("ValidationException", 'Cannot create already existing endpoint "arn:aws:sagemaker:::endpoint/e".'),
        ("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded"),
    ],
)
def test_a_taken_name_is_known_by_code_and_by_text(code, text):
    assert type(answered(code, text)) is aws.AlreadyExists


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ValidationException", "Requested resource not found."),
        ("ValidationException", 'Could not find endpoint "arn:aws:sagemaker:::endpoint/e".'),
        ("NoSuchBucket", "The specified bucket does not exist"),
        ("InvalidBucketName", "The specified bucket is not valid."),
        ("NoSuchKey", "The specified key does not exist."),
        ("404", "Not Found"),
        ("ResourceNotFoundException", "The specified log group does not exist."),
    ],
)
def test_what_is_not_there_is_known_too(code, text):
    outcome = answered(code, text)
    assert type(outcome) is aws.NotFound and isinstance(outcome, Missing) and isinstance(outcome, aws.Refused)


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        ("ThrottlingException", 400, "Rate exceeded"),
        ("InternalFailure", 500, "oops"),
        ("SlowDown", 503, "Please reduce your request rate."),
        ("ValidationException", 400, 'Cannot update in-progress endpoint "arn".'),
    ],
)
def test_what_may_succeed_later_is_unavailable(code, status, text):
    assert type(answered(code, text, status)) is aws.Unavailable


@pytest.mark.parametrize("error", [exceptions.EndpointConnectionError, exceptions.ReadTimeoutError])
def test_no_answer_is_unavailable(error):
    with pytest.raises(aws.Unavailable, match="No answer from"), aws.plain_errors():
        raise error(endpoint_url="http://127.0.0.1:1")


def test_everything_else_is_refused_with_awss_own_words():
    refused = answered("ResourceLimitExceeded", "The account-level service limit is 0 Instances")
    assert type(refused) is aws.Refused
    assert (refused.code, refused.message) == (
        "ResourceLimitExceeded",
        "The account-level service limit is 0 Instances",
    )
    assert type(answered("NotServed", "not offered here", 501)) is aws.Refused


def test_amazon_is_never_asked_by_accident(no_endpoint, settings):
    settings.BACKEND = "engine"
    with pytest.raises(aws.Unavailable, match="AWS_ENDPOINT_URL is not set"):
        aws.client("sagemaker")


def test_the_console_names_itself(s3, settings):
    assert f"sagewright/{settings.VERSION}" in s3.meta.config.user_agent_extra
    assert s3.meta.config.connect_timeout == 3 and s3.meta.config.read_timeout == 30


def test_the_clients_share_one_session_and_so_the_models_of_the_services(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key-of-this-test-alone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    created, session = [], boto3.session.Session
    monkeypatch.setattr(boto3.session, "Session", lambda **value: created.append(value) or session(**value))
    clients = [aws.client("s3"), aws.client("s3", streamed=True), aws.client("sts")]
    assert len(created) == 1 and len({id(client.meta.events) for client in clients}) == 3
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another-key-of-this-test")
    aws.client("sts")
    assert len(created) == 2
