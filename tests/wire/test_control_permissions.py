"""What a key may do, by its role and its person."""

import pytest

from common.db.person import Person
from common.permissions import OWNER_TAG
from engine.models import AccessKey, TrainingJob
from tests.wire import asks
from tests.wire.refusals import refused
from tests.wire.signed import ARN


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
