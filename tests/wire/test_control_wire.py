"""The wire itself: AWS's validation texts, protocols, paging, permissions, tags, and what we do not offer."""

import json
import urllib.error
import urllib.request
from datetime import timedelta

import cbor2
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.utils.timezone import now

from common.db.person import Person
from common.permissions import OWNER_TAG
from engine.models import AccessKey, Model, Tag, TrainingJob
from engine.services import dispatch
from tests.wire import asks
from tests.wire.conftest import KEY, REGION, SECRET
from tests.wire.refusals import refused

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
NAME_PATTERN = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def send(engine, body: bytes, service="sagemaker", path="/", method="POST", **headers):
    """A signed request of any kind: status, headers and body of the answer."""
    request = AWSRequest(
        method, engine.url + path, data=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    SigV4Auth(Credentials(KEY, SECRET), service, REGION).add_auth(request)
    ask = urllib.request.Request(request.url, body if method != "GET" else None, dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.headers, e.read()


def json_call(engine, operation: str, body: bytes | dict):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    target = {"X_Amz_Target": f"SageMaker.{operation}", "Content_Type": "application/x-amz-json-1.1"}
    status, headers, answer = send(engine, body, **target)
    return status, json.loads(answer), headers


# Validation


def constraint(value: str, path: str, rule: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: Member must {rule}"


PATTERN = "satisfy regular expression pattern: "
ROLE_PATTERN = r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
TAG_PATTERN = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
ALIVE = "KeepAlivePeriodInSeconds"
TOO_LONG_ALIVE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, ALIVE: 21601}
LONG_KEY = "k" * 257
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


# What we do not offer


def test_an_operation_we_do_not_offer_is_501_and_is_not_sent_again(engine):
    seen = []
    sm = engine.client("sagemaker")
    sm.meta.events.register("before-send", lambda request, **_: seen.append(request), unique_id="count")
    with refused("NotServed", "This engine does not offer Search of sagemaker.", status=501):
        sm.search(Resource="TrainingJob")
    sm.meta.events.unregister("before-send", unique_id="count")
    assert len(seen) == 1


def test_services_we_do_not_offer(engine):
    with refused("NotServed", status=501) as caught:
        engine.client("ecr").describe_repositories()
    assert "does not offer the service ecr" in caught.message
    with refused("NotServed", status=501):
        engine.client("iam").list_users()
    with refused("NotServed", status=501) as caught:
        engine.client("sagemaker-metrics").batch_put_metrics(
            TrialComponentName="a", MetricData=[{"MetricName": "m", "Timestamp": now(), "Value": 1.0}]
        )
    assert "PUT /BatchPutMetrics" in caught.message


def test_an_operation_aws_does_not_have(engine):
    status, answer, _ = json_call(engine, "MakeCoffee", {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    status, _, body = send(engine, b"{}", X_Amz_Target="Logs_20140328.DescribeLogGroups")
    assert json.loads(body)["__type"] == "UnknownOperationException", "signed for sagemaker, meant for logs"


def test_a_body_that_is_too_long(engine):
    status, answer, _ = json_call(engine, "CreateModel", b" " * (6 * 1024 * 1024 + 1))
    assert (status, answer["__type"]) == (413, "RequestEntityTooLargeException")


def test_health(engine):
    with urllib.request.urlopen(engine.url + "/healthz") as answer:
        assert (answer.status, answer.read()) == (200, b"ok\n")


def test_an_answer_that_breaks_its_shape_is_a_logged_500(engine, monkeypatch, caplog):
    monkeypatch.setattr("engine.services.models.Models.describe_model", lambda *_: {"ModelName": "m", "ModelArn": 3})
    sm = engine.client("sagemaker", attempts=1)
    with refused("InternalFailure", status=500) as caught:
        sm.describe_model(ModelName="m")
    assert "under request" in caught.message
    assert "DescribeModel answered what its shape does not allow" in caplog.text
    assert SECRET not in caplog.text


def test_one_line_a_call_is_logged_but_none_for_looking(engine, caplog):
    caplog.set_level("INFO")
    engine.client("sagemaker").list_training_jobs()
    with refused("ValidationException"):
        engine.client("sagemaker").describe_model(ModelName="none")
    lines = [r.getMessage() for r in caplog.records if r.name == dispatch.__name__]
    assert len(lines) == 1
    assert lines[0].startswith(f"sagemaker DescribeModel {KEY} 400 ValidationException ")


# Who may


def test_a_viewer_reads_and_changes_nothing(engine, sm):
    sm.create_training_job(**asks.training_job("Mine"))
    viewer, secret = AccessKey.issue(None, AccessKey.Role.VIEWER)
    eyes = engine.client("sagemaker", key=viewer.access_key_id, secret=secret)
    assert eyes.list_training_jobs()["TrainingJobSummaries"]
    assert eyes.describe_training_job(TrainingJobName="Mine")
    action = "sagemaker:CreateTrainingJob"
    with refused("AccessDeniedException", status=403) as caught:
        eyes.create_training_job(**asks.training_job("New"))
    assert caught.message.startswith(
        "User: arn:aws:sts::123456789012:assumed-role/SageMakerRole/local is not authorized to perform: "
        f"{action} on resource: {ARN}training-job/new because no identity-based policy allows the {action} action."
    )
    for change in (
        lambda: eyes.stop_training_job(TrainingJobName="Mine"),
        lambda: eyes.delete_model(ModelName="m"),
        lambda: eyes.add_tags(ResourceArn=ARN + "model/m", Tags=[{"Key": "a", "Value": "b"}]),
        lambda: eyes.create_endpoint_config(**asks.config()),
    ):
        with refused("AccessDeniedException", status=403):
            change()
    assert TrainingJob.objects.get().status == "InProgress"


@pytest.fixture
def clients(engine, django_user_model):
    """clients(name, role) is a client of SageMaker with a key of that person."""

    def client_of(name: str, role: str):
        user = django_user_model.objects.create(username=name)
        Person.objects.create(user=user, role=role)
        key, secret = AccessKey.issue(user, AccessKey.Role.ADMINISTRATOR)
        return engine.client("sagemaker", key=key.access_key_id, secret=secret)

    return client_of


def test_an_editors_key_changes_nothing_of_others(clients):
    alice, bob, ada = clients("alice", "editor"), clients("bob", "editor"), clients("ada", "administrator")
    alice.create_model(**asks.model("m"))
    alice.create_endpoint_config(**asks.config("c", asks.variant(model="m")))
    alice.create_endpoint(**asks.endpoint("e", "c"))
    alice.create_training_job(**asks.training_job("j"))
    changes = (
        ("delete_endpoint", {"EndpointName": "e"}),
        ("update_endpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        (
            "update_endpoint_weights_and_capacities",
            {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 1}]},
        ),
        ("delete_endpoint_config", {"EndpointConfigName": "c"}),
        ("delete_model", {"ModelName": "m"}),
        ("stop_training_job", {"TrainingJobName": "j"}),
        ("delete_training_job", {"TrainingJobName": "j"}),
        ("add_tags", {"ResourceArn": f"{ARN}endpoint/e", "Tags": [{"Key": "a", "Value": "b"}]}),
        ("delete_tags", {"ResourceArn": f"{ARN}model/m", "TagKeys": ["a"]}),
    )
    for operation, request in changes:
        with refused("AccessDeniedException", status=403) as caught:
            getattr(bob, operation)(**request)
        assert "It belongs to alice." in caught.message
    assert bob.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Creating"
    alice.stop_training_job(TrainingJobName="j")
    alice.delete_model(ModelName="m")
    ada.delete_endpoint_config(EndpointConfigName="c")


def test_an_administrators_key_creates_for_another_person(engine, clients):
    alice, bob, ada = clients("alice", "editor"), clients("bob", "editor"), clients("ada", "administrator")
    for_alice = {"Tags": [{"Key": OWNER_TAG, "Value": "alice"}]}
    ada.create_model(**asks.model("m", **for_alice))
    alice.delete_model(ModelName="m")
    ada.create_model(**asks.model("m", Tags=[{"Key": OWNER_TAG, "Value": "nobody here"}]))
    with refused("AccessDeniedException", status=403):
        alice.delete_model(ModelName="m")
    bob.create_model(**asks.model("of-bob", **for_alice))  # an editor's tag is a tag
    with refused("AccessDeniedException", status=403):
        alice.delete_model(ModelName="of-bob")
    bob.delete_model(ModelName="of-bob")


def test_the_tags_of_a_resource_name_its_owner_as_aws_does(sm, clients):
    alice = clients("alice", "editor")
    tag = {"Key": "team", "Value": "growth"}
    arn = alice.create_model(**asks.model("m", Tags=[tag]))["ModelArn"]
    *tags, creator = alice.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [tag]
    assert creator["Key"] == "aws:createdBy" and creator["Value"].split(":")[::2] == ["AssumedRole", "alice"]
    arn = sm.create_model(**asks.model("nobodys"))["ModelArn"]
    assert sm.list_tags(ResourceArn=arn)["Tags"] == []


def test_a_wrong_secret_is_refused(engine):
    with refused("InvalidSignatureException"):
        engine.client("sagemaker", secret="wrong").list_models()
    with refused("UnrecognizedClientException"):
        engine.client("sagemaker", key="nobody").list_models()
    with refused("InvalidClientTokenId", status=403):
        engine.client("sts", key="nobody").get_caller_identity()


# The other protocols


def test_sts_says_an_assumed_role(engine, django_user_model):
    who = engine.client("sts").get_caller_identity()
    assert who["Account"] == "123456789012"
    assert who["Arn"] == "arn:aws:sts::123456789012:assumed-role/SageMakerRole/local"
    person = django_user_model.objects.create_user("an na@x", password="x")
    key, secret = AccessKey.issue(person, "viewer")
    who = engine.client("sts", key=key.access_key_id, secret=secret).get_caller_identity()
    assert who["Arn"].endswith("/an-na@x")
    assert who["UserId"].endswith(":an-na@x")


def test_further_roles_exist_by_name(engine, settings):
    iam = engine.client("iam")
    other = "arn:aws:iam::123456789012:role/Trainer"
    settings.ENGINE_ROLES = ["Trainer"]
    assert iam.get_role(RoleName="Trainer")["Role"]["Arn"] == other
    assert [r["RoleName"] for r in iam.list_roles()["Roles"]] == ["SageMakerRole", "Trainer"]
    settings.ENGINE_ROLES = ["*"]
    assert iam.get_role(RoleName="Anybody")["Role"]["Arn"] == "arn:aws:iam::123456789012:role/Anybody"


def test_a_policy_simulation_allows_what_a_role_of_the_account_is_simulated_for(engine):
    """The constructor of the SageMaker SDK 3's ModelTrainer and ModelBuilder asks this of its role."""
    iam = engine.client("iam")
    role = "arn:aws:iam::123456789012:role/SageMakerRole"
    actions = ["ecr:GetAuthorizationToken", "s3:PutObject"]
    answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions)
    assert [(r["EvalActionName"], r["EvalDecision"]) for r in answer["EvaluationResults"]] == [
        (action, "allowed") for action in actions
    ]
    bucket = "arn:aws:s3:::bucket/*"
    answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions, ResourceArns=[bucket])
    assert {r["EvalResourceName"] for r in answer["EvaluationResults"]} == {bucket}
    with refused("NoSuchEntity", status=404):
        iam.simulate_principal_policy(PolicySourceArn=f"{role}2", ActionNames=actions)


def test_a_page_token_belongs_to_its_list(engine, object_store):
    sm = engine.client("sagemaker")
    for name in ("a", "b"):
        sm.create_model(**asks.model(name))
        sm.create_training_job(**asks.training_job(name))
        engine.client("logs")
    token = sm.list_models(MaxResults=1)["NextToken"]
    assert sm.list_models(MaxResults=1, NextToken=token)["Models"]
    for call in (sm.list_training_jobs, sm.list_endpoint_configs, sm.list_endpoints):
        with refused("ValidationException") as caught:
            call(NextToken=token)
        assert "another list" in caught.message
    with refused("ValidationException"):
        sm.list_models(NextToken=token, SortBy="Name")
    with refused("InvalidNextToken"):
        engine.client("cloudwatch").list_metrics(NextToken=token)
    with refused("InvalidParameterException"):
        engine.client("logs").describe_log_groups(nextToken=token)


def test_iam_has_one_role_that_sagemaker_may_assume(engine):
    iam = engine.client("iam")
    role = iam.get_role(RoleName="SageMakerRole")["Role"]
    assert role["Arn"] == "arn:aws:iam::123456789012:role/SageMakerRole"
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert role["CreateDate"].year == 2020
    assert [r["RoleName"] for r in iam.list_roles()["Roles"]] == ["SageMakerRole"]
    assert iam.list_roles(PathPrefix="/none/")["Roles"] == []
    with refused("NoSuchEntity", status=404) as caught:
        iam.get_role(RoleName="Other")
    assert isinstance(caught.error, iam.exceptions.NoSuchEntityException)


def test_query_errors_are_xml(engine):
    form = {"Content_Type": "application/x-www-form-urlencoded; charset=utf-8"}
    for body, code in (
        (b"Action=GetRole&Version=2010-05-08", "ValidationException"),
        (b"Action=GetRole&Version=2010-05-08&RoleName=%01%00", "ValidationException"),
        (b"Action=GetRole&Version=1999-01-01&RoleName=a", "InvalidAction"),
        (b"Action=Nonsense&Version=2010-05-08", "UnknownOperationException"),
        (b"Action=GetRole&Version=2010-05-08&RoleName.a=1&RoleName=2", "SerializationException"),
        (b"&".join(b"a%d=1" % n for n in range(6000)), "SerializationException"),
    ):
        status, headers, answer = send(engine, body, "iam", **form)
        assert (status, headers["Content-Type"]) == (400, "text/xml")
        assert f"<Code>{code}</Code>" in answer.decode()
        assert "<Type>Sender</Type>" in answer.decode()


def test_a_list_whose_place_is_no_sane_number_lacks_that_item(engine):
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    ask = b"Action=GetMetricStatistics&Version=2010-08-01&Statistics.member.%b=Sum" % (b"9" * 5000)
    status, _, answer = send(engine, ask, "monitoring", **form)
    assert (status, b"<Code>ValidationException</Code>" in answer) == (400, True)


def test_cbor_may_be_endless_or_as_large_as_it_likes(engine):
    headers = {"Smithy_Protocol": "rpc-v2-cbor", "Content_Type": "application/cbor"}
    endless: list = []
    endless.append(endless)
    for operation, ask, code in (
        ("CreateTrainingJob", {"HyperParameters": {LONG_KEY: endless}}, "SerializationException"),
        (
            "UpdateEndpointWeightsAndCapacities",
            {"DesiredWeightsAndCapacities": [{"DesiredWeight": 10**400}]},
            "SerializationException",
        ),
    ):
        body = cbor2.dumps(ask, value_sharing=True)
        status, _, answer = send(engine, body, "sagemaker", f"/service/SageMaker/operation/{operation}", **headers)
        assert (status, cbor2.loads(answer)["__type"]) == (400, code)


def test_cbor_errors_are_cbor(engine):
    headers = {"Smithy_Protocol": "rpc-v2-cbor", "Content_Type": "application/cbor"}
    path = "/service/GraniteServiceVersion20100801/operation/"
    for tail, body, code in (
        ("PutDashboard", cbor2.dumps({}), "NotServed"),
        ("Nonsense", b"", "UnknownOperationException"),
        ("PutDashboard", b"\xff\xff", "SerializationException"),
        ("PutDashboard", b"\xa0\xa0", "SerializationException"),
        ("PutDashboard/x", b"\xa0", "UnknownOperationException"),
    ):
        _, answered, answer = send(engine, body, "monitoring", path + tail, **headers)
        assert answered["smithy-protocol"] == "rpc-v2-cbor"
        assert cbor2.loads(answer)["__type"] == code


# Lists


@pytest.fixture
def many(sm):
    """Twenty-five models, two of one moment."""
    begun = now() - timedelta(days=1)
    moments = [begun + timedelta(minutes=max(n, 1)) for n in range(25)]
    Model.objects.bulk_create(
        Model(region=REGION, name=f"m{(n * 7) % 25:02}", created=moments[n], modified=moments[n]) for n in range(25)
    )
    return sm


@pytest.mark.parametrize("by", ["Name", "CreationTime"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_join_into_the_whole_list(many, by, order):
    pages = many.get_paginator("list_models").paginate(SortBy=by, SortOrder=order, PaginationConfig={"PageSize": 4})
    sizes, models = zip(*((len(p["Models"]), p["Models"]) for p in pages), strict=True)
    assert sizes == (4, 4, 4, 4, 4, 4, 1)
    found = [m["ModelName" if by == "Name" else "CreationTime"] for page in models for m in page]
    assert found == sorted(found, reverse=order == "Descending")
    assert len({m["ModelName"] for page in models for m in page}) == 25


def test_a_row_added_between_two_pages_moves_nothing(many):
    first = many.list_models(MaxResults=10)
    Model.objects.create(region=REGION, name="new")
    second = many.list_models(MaxResults=100, NextToken=first["NextToken"])
    names = [m["ModelName"] for m in first["Models"] + second["Models"]]
    assert len(names) == len(set(names)) == 25


def test_ten_is_the_usual_page(many):
    assert len(many.list_models()["Models"]) == 10


def test_a_token_must_be_ours_and_of_the_same_order(many):
    token = many.list_models(MaxResults=5)["NextToken"]
    for bad in ("nonsense", token[:-1] + ("a" if token[-1] != "a" else "b"), "eyJhIjoxfQ:x:y", "\U0001f600"):
        with refused("ValidationException") as caught:
            many.list_models(NextToken=bad)
        assert "Invalid pagination token" in caught.message
    with refused("ValidationException"):
        many.list_models(NextToken=token, SortBy="Name")


def test_lists_are_filtered(many):
    def names(**ask):
        return [m["ModelName"] for m in many.list_models(MaxResults=100, **ask)["Models"]]

    assert names(NameContains="M2", SortBy="Name", SortOrder="Ascending") == ["m20", "m21", "m22", "m23", "m24"]
    middle = Model.objects.get(name="m09").created
    assert names(CreationTimeAfter=middle, CreationTimeBefore=middle) == ["m09"]
    assert len(names(CreationTimeAfter=middle)) + len(names(CreationTimeBefore=middle)) == 26


def test_jobs_are_listed_by_status_and_time(sm):
    for name in ("b", "a", "c"):
        sm.create_training_job(**asks.training_job(name))
    TrainingJob.objects.get(name="a").move_to("Failed", modified=now() + timedelta(hours=1))

    def names(**ask):
        return [j["TrainingJobName"] for j in sm.list_training_jobs(**ask)["TrainingJobSummaries"]]

    assert names() == ["b", "a", "c"]
    assert names(SortOrder="Descending") == ["c", "a", "b"]
    assert names(StatusEquals="Failed") == names(LastModifiedTimeAfter=now() + timedelta(minutes=1)) == ["a"]
    assert names(LastModifiedTimeBefore=now() + timedelta(minutes=1)) == ["b", "c"]
    assert names(SortBy="Status") == ["a", "b", "c"]
    assert names(WarmPoolStatusEquals="Available") == []
    with refused("ValidationException"):
        sm.list_training_jobs(MaxResults=101)


# Tags


def test_tags_are_added_replaced_listed_and_deleted(sm):
    arn = sm.create_model(**asks.model("Tagged", Tags=[{"Key": "a", "Value": "1"}]))["ModelArn"]
    answer = sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    assert answer["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    assert sm.list_tags(ResourceArn=arn)["Tags"] == answer["Tags"]
    sm.delete_tags(ResourceArn=arn, TagKeys=["a", "never-there"])
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]


def test_fifty_tags_are_the_most(sm):
    arn = sm.create_model(**asks.model(Tags=[{"Key": f"k{n:02}", "Value": ""} for n in range(50)]))["ModelArn"]
    with refused("ValidationException", "A resource can have 50 tags at most; 51 were given."):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "one-more", "Value": ""}])
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "k00", "Value": "changed"}])
    assert Tag.objects.count() == 50


def test_tags_that_are_not_allowed(sm):
    arn = sm.create_model(**asks.model())["ModelArn"]
    with refused("ValidationException", "Duplicate tag keys found. Please note that Tag keys are case insensitive."):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
    with refused("ValidationException") as caught:
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    assert "reserved" in caught.message


def test_tags_of_what_is_not_there(sm):
    sm.create_model(**asks.model())
    for arn, text in (
        (ARN + "model/none", f'Could not find model "{ARN}model/none".'),
        (ARN + "training-job/none", "Requested resource not found."),
        (ARN.replace("us-east-1", "eu-west-1") + "model/model", ""),
        (ARN.replace("123456789012", "999999999999") + "model/model", ""),
        (ARN + "notebook-instance/n", ""),
    ):
        for call in (
            lambda arn=arn: sm.list_tags(ResourceArn=arn),
            lambda arn=arn: sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": ""}]),
            lambda arn=arn: sm.delete_tags(ResourceArn=arn, TagKeys=["a"]),
        ):
            with refused("ValidationException", text):
                call()
