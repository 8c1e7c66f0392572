"""Models as boto3 sees them."""

import pytest

from engine.models import Model
from tests.wire import asks
from tests.wire.conftest import BUCKET, IMAGE
from tests.wire.hosting.conftest import ARN
from tests.wire.refusals import refused


def test_a_model_is_described_as_it_was_made(sm):
    arn = sm.create_model(**asks.model("My-Model"))["ModelArn"]
    assert arn == ARN + "model/my-model"
    model = sm.describe_model(ModelName="My-Model")
    assert model["PrimaryContainer"] == {"Mode": "SingleModel"} | asks.model()["PrimaryContainer"]
    assert model["ExecutionRoleArn"] == asks.model()["ExecutionRoleArn"]
    assert model["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in model
    assert [m["ModelName"] for m in sm.list_models()["Models"]] == ["My-Model"]
    sm.delete_model(ModelName="My-Model")
    assert sm.list_models()["Models"] == []


def test_one_model_a_name(sm):
    sm.create_model(**asks.model())
    with refused("ValidationException", f'Cannot create already existing model "{ARN}model/model".'):
        sm.create_model(**asks.model())


def test_model_data_must_be_there(sm):
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/in/none.tar.gz"}
    with refused("ValidationException", f"Could not find model data at s3://{BUCKET}/in/none.tar.gz."):
        sm.create_model(**asks.model(PrimaryContainer=container))
    for nowhere in (
        "s3://no-such-bucket/m.tar.gz",
        "s3://Not a Bucket!/m",
        f"s3://{BUCKET}",
        f"s3://{BUCKET}/{'k' * 990}",
        "s3://arn:aws:s3:us-east-1:123456789012:accesspoint:elsewhere/m.tar.gz",
        "s3://arn:aws:s3::123456789012:accesspoint:everywhere.mrap/m.tar.gz",
        "s3://directory--use1-az4--x-s3/m.tar.gz",
    ):
        with refused("ValidationException", f"Could not find model data at {nowhere}."):
            sm.create_model(**asks.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": nowhere}))
    assert not Model.objects.exists()


def test_deleting_what_another_has_deleted_leaves_the_tags_of_its_successor(sm):
    sm.create_model(**asks.model())
    known = Model.objects.get()
    sm.delete_model(ModelName="model")
    sm.create_model(**asks.model(Tags=[{"Key": "of", "Value": "the second"}]))
    known.delete()
    assert sm.list_tags(ResourceArn=f"{ARN}model/model")["Tags"] == [{"Key": "of", "Value": "the second"}]


@pytest.mark.parametrize("operation", ["describe_model", "delete_model"])
def test_a_model_that_is_not_there(sm, operation):
    with refused("ValidationException", f'Could not find model "{ARN}model/none".'):
        getattr(sm, operation)(ModelName="none")


DATA = {"ModelDataUrl": f"s3://{BUCKET}/in/model.tar.gz"}
UNSERVED_MODELS = {
    "none": ({"PrimaryContainer": None}, "PrimaryContainer is required"),
    "image": ({"PrimaryContainer": {"Image": "1.dkr/other:1", **DATA}}, "no algorithm for the image"),
    "package": ({"PrimaryContainer": {"ModelPackageName": "p"}}, "model packages"),
    "many": ({"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel", **DATA}}, "multi-model"),
    "no data": ({"PrimaryContainer": {"Image": IMAGE}}, "ModelDataUrl is required"),
    "pipeline": ({"PrimaryContainer": None, "Containers": [{"Image": IMAGE, **DATA}] * 2}, "inference pipelines"),
    "role": ({"ExecutionRoleArn": "arn:aws:iam::999999999999:role/R"}, "Could not assume role"),
}


def test_a_tag_that_aws_does_not_have_is_not_found(sm):
    container = asks.model()["PrimaryContainer"]
    for repository in ("sagemaker-xgboost", "linear-learner"):
        image = f"683313688378.dkr.ecr.us-east-1.amazonaws.com/{repository}:9.9-1"
        with refused("ValidationException") as caught:
            sm.create_model(**asks.model(PrimaryContainer=container | {"Image": image}))
        assert caught.message.startswith(f"Requested image {image} not found.")
    newest = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    sm.create_model(**asks.model(PrimaryContainer=container | {"Image": newest}))


@pytest.mark.parametrize("changes,text", UNSERVED_MODELS.values(), ids=UNSERVED_MODELS)
def test_models_we_cannot_host(sm, changes, text):
    ask = {name: value for name, value in asks.model(**changes).items() if value is not None}
    with refused("ValidationException") as caught:
        sm.create_model(**ask)
    assert text in caught.message
    assert not Model.objects.exists()


def test_model_data_as_a_data_source(sm):
    source = {"S3Uri": DATA["ModelDataUrl"], "S3DataType": "S3Object", "CompressionType": "Gzip"}
    sm.create_model(**asks.model(PrimaryContainer={"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}))
    source["S3DataType"] = "S3Prefix"
    with refused("ValidationException") as caught:
        container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
        sm.create_model(**asks.model("other", PrimaryContainer=container))
    assert "S3Object with CompressionType Gzip" in caught.message
