"""Tags of resources."""

from engine.models import Tag
from tests.wire import asks
from tests.wire.refusals import refused
from tests.wire.signed import ARN


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
