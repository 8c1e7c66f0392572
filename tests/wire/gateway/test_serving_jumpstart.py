"""LightGBM and CatBoost behind a real gateway: boto3's runtime client asks for penguins."""

import json

import numpy as np
import pytest

from tests.unit.algorithms.real import penguins
from tests.unit.algorithms.tables import as_csv
from tests.unit.algorithms.tabular import TabularJob
from tests.wire.gateway import models
from tests.wire.gateway.conftest import REGION

SETTINGS = {"lightgbm": {"num_boost_round": 40}, "catboost": {"iterations": 40, "learning_rate": 0.2}}
TABLE, ISLANDS = penguins()


@pytest.fixture(scope="module", params=SETTINGS)
def trained(request, tmp_path_factory) -> TabularJob:
    job = TabularJob(tmp_path_factory.mktemp(request.param), request.param)
    job.put_table(TABLE).put_categories(*(position + 1 for position in ISLANDS)).run(**SETTINGS[request.param])
    return job


@pytest.fixture(scope="module")
def invoke(trained, world, s3, bucket):
    """Asks an endpoint that serves the trained model."""
    name = f"penguins-{trained.algorithm.name}"
    files = {path.name: path.read_bytes() for path in trained.model_dir.iterdir()}
    s3.put_object(Bucket=bucket, Key=f"{name}/model.tar.gz", Body=models.archive(files))
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "Image": trained.algorithm.image_uri(REGION),
        "ModelDataUrl": f"s3://{bucket}/{name}/model.tar.gz",
        "Environment": {},
        "CurrentWeight": 1.0,
    }
    world.run(
        "Endpoint.objects.create(region=region, name=name, status='InService', config_name=name, variants=variants)",
        region=REGION,
        name=name,
        variants=[variant],
    )
    client = world.client("sagemaker-runtime")
    yield lambda body, **more: client.invoke_endpoint(EndpointName=name, Body=body, **more)
    client.close()


def test_penguins_are_named_as_the_model_itself_names_them(trained, invoke):
    rows = TABLE.x[TABLE.held]
    answer = invoke(as_csv(rows).encode(), ContentType="text/csv")
    assert answer["ContentType"] == "application/json"
    document = np.array(json.loads(answer["Body"].read())["probabilities"])
    assert np.array_equal(document, trained.predictor().predict(rows))
    assert np.mean(document.argmax(axis=1) == TABLE.y[TABLE.held]) > 0.95


def test_one_row_in_json_with_its_label(trained, invoke):
    row = [None if np.isnan(v) else float(v) for v in TABLE.x[0]]
    body = json.dumps({"instances": [{"features": row}]}).encode()
    answer = invoke(body, ContentType="application/json", Accept="application/json;verbose")
    document = json.loads(answer["Body"].read())
    assert document["predicted_label"] == [int(TABLE.y[0])] and document["labels"] == [0, 1, 2]


def test_a_row_that_is_too_short_is_refused_with_both_widths(invoke):
    with pytest.raises(Exception, match="Feature size of csv inference data 2 is not consistent .* trained model 7"):
        invoke(b"1,2", ContentType="text/csv")
