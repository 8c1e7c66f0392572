"""The download of a model with predict.py: who gets it, what is in it, and what is said when it cannot be."""

import io
import json
import tarfile

import pytest

from models_app.models import Model, TrainingJob

COLUMNS = [{"name": "age", "type": "number", "kind": "number", "role": "feature", "encoding": "number", "features": 1}]


@pytest.fixture
def stored(finished, lake) -> Model:
    """Alice's model with an artifact that is there."""
    uri = lake.put("out/model.tar.gz", b"the artifact")
    TrainingJob.objects.filter(pk=finished.job_id).update(artifact=uri)
    lineage = {"objects": [{"uri": finished.data_uri, "etag": "abc", "size": 9, "rows": 1000}], "rows": 1000}
    schema = finished.schema | {"columns": COLUMNS, "classes": ["no", "yes"], "threshold": 0.36, "train_rows": 800}
    Model.objects.filter(pk=finished.pk).update(schema=schema, lineage=lineage, recipe={"seed": 7})
    return finished


@pytest.mark.stack
def test_a_viewer_gets_artifact_program_schema_and_where_it_comes_from(signed_in, vera, stored):
    browser = signed_in(vera)
    assert "/models/churn/portable/" in browser.get("/models/churn/").text
    response = browser.get("/models/churn/portable/")
    assert response.streaming and response["Content-Disposition"] == 'attachment; filename="churn.tar"'
    content = response.getvalue()
    assert len(content) == int(response["Content-Length"])
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}
    assert files["churn/model.tar.gz"] == b"the artifact"
    assert json.loads(files["churn/schema.json"])["threshold"] == 0.36
    manifest = json.loads(files["churn/model.json"])
    assert manifest["seeds"] == {"holdout": 7, "seed": 0}
    assert manifest["data"]["objects"][0]["etag"] == "abc" and manifest["data"]["rows"] == {"train_rows": 800}
    assert manifest["hyperparameters"] == {"num_round": "10", "eta": "0.1"}
    assert manifest["artifact"]["size"] == 12 and manifest["artifact"]["etag"]
    assert files["churn/requirements.txt"].startswith(b"numpy==") and b"xgboost==" in files["churn/requirements.txt"]
    assert b'"age": ...' in files["churn/README.md"]


@pytest.mark.stack
def test_an_artifact_that_is_gone_is_said_on_the_models_page(signed_in, vera, stored, lake):
    TrainingJob.objects.filter(pk=stored.job_id).update(artifact=f"s3://{lake.bucket}/no/model.tar.gz")
    page = signed_in(vera).get("/models/churn/portable/", follow=True)
    assert page.redirect_chain[-1][0] == "/models/churn/" and "There is no object no/model.tar.gz" in page.text


def test_a_model_that_failed_offers_no_archive(signed_in, alice, broken):
    browser = signed_in(alice)
    assert "/portable/" not in browser.get("/models/labels/").text
    page = browser.get("/models/labels/portable/", follow=True)
    assert "labels has no artifact that predict.py could go with." in page.text
