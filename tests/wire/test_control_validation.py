"""AWS's validation texts, and requests that cannot be read."""

import pytest

from tests.wire import asks
from tests.wire.signed import LONG_KEY, json_call

NAME_PATTERN = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def constraint(value: str, path: str, rule: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: Member must {rule}"


PATTERN = "satisfy regular expression pattern: "
ROLE_PATTERN = r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
TAG_PATTERN = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
ALIVE = "KeepAlivePeriodInSeconds"
TOO_LONG_ALIVE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, ALIVE: 21601}
VALIDATION = [
    ({"TrainingJobName": "bad_name"}, "'bad_name'", "trainingJobName", PATTERN + NAME_PATTERN),
    ({"TrainingJobName": "job\n"}, "'job\n'", "trainingJobName", PATTERN + NAME_PATTERN),
    (
        {"TrainingJobName": "a" * 64},
        *(f"'{'a' * 64}'", "trainingJobName", "have length less than or equal to 63", PATTERN + NAME_PATTERN),
    ),
    (
        {"RoleArn": "arn:aws"},
        *("'arn:aws'", "roleArn", "have length greater than or equal to 20", PATTERN + ROLE_PATTERN),
    ),
    ({"RoleArn": None}, "null", "roleArn", "not be null"),
    (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
        *("'0'", "stoppingCondition.maxRuntimeInSeconds", "have value greater than or equal to 1"),
    ),
    (
        {"ResourceConfig": TOO_LONG_ALIVE},
        *("'21601'", "resourceConfig.keepAlivePeriodInSeconds", "have value less than or equal to 21600"),
    ),
    (
        {"HyperParameters": {"k": "v" * 2501}},
        *(f"'{'v' * 1024}...'", "hyperParameters.k.member", "have length less than or equal to 2500"),
    ),
    ({"HyperParameters": {"k": None}}, "null", "hyperParameters.k.member", "not be null"),
    (
        {"Tags": [{"Key": "a", "Value": ""}, {"Key": "\1", "Value": ""}]},
        "'\1'",
        "tags.2.member.key",
        PATTERN + TAG_PATTERN,
    ),
    ({"Environment": {"A": "nul\0"}}, "'nul\0'", "environment.A.member", "not contain a NUL character"),
    ({"InputDataConfig": [{"ChannelName": "train"}]}, "null", "inputDataConfig.1.member.dataSource", "not be null"),
    ({"InputDataConfig": [None]}, "null", "inputDataConfig.1.member", "not be null"),
]


@pytest.mark.parametrize("case", VALIDATION)
def test_validation_texts(engine, case):
    changes, value, path, *rules = case
    status, answer, headers = json_call(engine, "CreateTrainingJob", asks.training_job(**changes))
    errors = "1 validation error" if len(rules) == 1 else f"{len(rules)} validation errors"
    text = f"{errors} detected: {'; '.join(constraint(value, path, rule) for rule in rules)}"
    assert (status, answer) == (400, {"__type": "ValidationException", "message": text})
    assert headers["x-amzn-ErrorType"] == "ValidationException"
    assert headers["x-amzn-RequestId"]


def test_every_problem_is_told_at_once(engine):
    ask = asks.training_job(TrainingJobName="bad_name", RoleArn=None, HyperParameters={LONG_KEY: "v"})
    problems = [
        constraint("'bad_name'", "trainingJobName", PATTERN + NAME_PATTERN),
        f"Value '{{{LONG_KEY}=v}}' at 'hyperParameters' failed to satisfy constraint: "
        "Map keys must satisfy constraint: [Member must have length less than or equal to 256]",
        constraint("null", "roleArn", "not be null"),
    ]
    text = f"3 validation errors detected: {'; '.join(problems)}"
    assert json_call(engine, "CreateTrainingJob", ask)[1] == {"__type": "ValidationException", "message": text}


def test_an_enum_is_told_in_full(engine):
    ask = asks.training_job(AlgorithmSpecification={"TrainingInputMode": "Tape"})
    text = constraint(
        "'Tape'",
        "algorithmSpecification.trainingInputMode",
        "satisfy enum value set: [Pipe, File, FastFile]",
    )
    assert json_call(engine, "CreateTrainingJob", ask)[1]["message"] == f"1 validation error detected: {text}"
    ask = asks.config("c", asks.variant(InstanceType="local"))
    message = json_call(engine, "CreateEndpointConfig", ask)[1]["message"]
    assert (
        "'productionVariants.1.member.instanceType' failed to satisfy constraint: Member must satisfy enum" in message
    )


def test_lists_have_a_least_and_a_greatest_length(engine):
    message = json_call(engine, "CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": []})[1][
        "message"
    ]
    assert constraint("'[]'", "productionVariants", "have length greater than or equal to 1") in message
    tags = [{"Key": str(n), "Value": ""} for n in range(51)]
    message = json_call(engine, "CreateModel", asks.model(Tags=tags))[1]["message"]
    assert "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50" in message


def test_an_unknown_member_is_named(engine):
    ask = asks.training_job() | {"TrainingJobNam": "x"}
    message = json_call(engine, "CreateTrainingJob", ask)[1]["message"]
    assert message.startswith("1 validation error detected: Value at 'trainingJobNam' failed to satisfy constraint:")


UNREADABLE = [
    (b"{", "is not JSON"),
    (b"[]", "must be an object with the members of DescribeTrainingJob"),
    (b'{"TrainingJobName": 3}', "NUMBER_VALUE can not be converted to a String at 'trainingJobName'"),
    (b'{"TrainingJobName": true}', "TRUE_VALUE can not be converted to a String"),
    (b'{"TrainingJobName": {}}', "START_OBJECT can not be converted to a String"),
    (b'{"TrainingJobName": "\xff"}', "is not JSON"),
    (b'{"TrainingJobName": NaN}', "is not JSON"),
    (b"[" * 100_000, "is not JSON"),
    (b'{"TrainingJobName": ' + b"[" * 900 + b"]" * 900 + b"}", "START_ARRAY can not be converted to a String"),
]  # fmt: skip


@pytest.mark.parametrize("body,text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read(engine, body, text):
    status, answer, _ = json_call(engine, "DescribeTrainingJob", body)
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert text in answer["message"]


@pytest.mark.parametrize("count", ["1", 1.5, True, 2**31, [1]])
def test_numbers_must_be_numbers(engine, count):
    ask = asks.training_job(ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": count})
    status, answer, _ = json_call(engine, "CreateTrainingJob", ask)
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert answer["message"].endswith("can not be converted to an Integer at 'resourceConfig.instanceCount'")


@pytest.mark.parametrize("moment", ["yesterday", True, [], 1e300])
def test_times_must_be_times(engine, moment):
    status, answer, _ = json_call(engine, "ListModels", {"CreationTimeAfter": moment})
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert answer["message"].endswith("can not be converted to a Timestamp at 'creationTimeAfter'")
