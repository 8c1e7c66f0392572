"""The protocols besides JSON: queries with XML answers, and CBOR."""

import cbor2

from engine.models import AccessKey
from tests.wire import asks
from tests.wire.refusals import refused
from tests.wire.signed import LONG_KEY, send


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
