"""Masked columns of data capture: asked for by tags, and refused where nobody says that they are masked."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from common.capture_tags import MASK_TAG, MASKED_TAG
from models_app import aws
from models_app.endpoints import capture
from models_app.models import Endpoint, Model
from models_app.problems import Problem

FEATURES = [{"name": "age", "role": "feature"}, {"name": "city", "role": "feature"}]
SCHEMA = {"columns": [*FEATURES, {"name": "y", "role": "target"}], "features": ["age", "city"]}


@pytest.fixture
def endpoint(db, django_user_model) -> Endpoint:
    owner = django_user_model.objects.create_user("lee")
    model = Model.objects.create(name="churn", owner=owner, algorithm="xgboost", schema=SCHEMA)
    return Endpoint.objects.create(name="churn", model=model, owner=owner, status=Endpoint.Status.IN_SERVICE)


@pytest.fixture
def sagemaker(monkeypatch):
    """A SageMaker that stores tags; `masks` is whether it says that it masks. `log` are its changes."""
    self = SimpleNamespace(masks=True, log=[])

    def created(EndpointConfigName, Tags=(), **_request):  # noqa: N803  boto3's names
        self.tags = list(Tags)
        return {"EndpointConfigArn": "arn"}

    self.describe_endpoint = lambda **_: {"EndpointConfigName": "old"}
    self.describe_endpoint_config = lambda **_: {"ProductionVariants": []}
    self.create_endpoint_config = created
    self.list_tags = lambda **_: {"Tags": self.tags + [{"Key": MASKED_TAG, "Value": "1"}] * self.masks}
    self.update_endpoint = lambda **_: self.log.append("updated")
    self.delete_endpoint_config = lambda **_: self.log.append("deleted")
    monkeypatch.setattr(aws, "client", lambda _service: self)
    monkeypatch.setattr(capture.s3, "ensure_bucket", lambda _bucket: None)
    return self


def test_columns_are_masked_by_tags_and_named_with_the_endpoint(endpoint, sagemaker):
    capture.change(endpoint, True, 5, "Input", ["city"])
    endpoint.refresh_from_db()
    assert (sagemaker.log, endpoint.masked_columns) == (["updated"], ["city"])
    assert f"{MASK_TAG}-1" in {tag["Key"] for tag in sagemaker.tags}


def test_nothing_is_captured_where_columns_would_not_be_masked(endpoint, sagemaker):
    sagemaker.masks = False
    with pytest.raises(Problem, match="masks no column"):
        capture.change(endpoint, True, 5, "Input", ["city"])
    endpoint.refresh_from_db()
    assert (sagemaker.log, endpoint.masked_columns, endpoint.status) == (["deleted"], [], "InService")
    capture.change(endpoint, True, 5, "Input")
    assert sagemaker.log == ["deleted", "updated"]


def test_what_was_masked_stays_chosen_when_capture_is_turned_off(endpoint, sagemaker):
    capture.change(endpoint, True, 5, "Input", ["city"])
    Endpoint.objects.update(status=Endpoint.Status.IN_SERVICE)
    endpoint.refresh_from_db()
    capture.change(endpoint, False, 5, "Input")
    endpoint.refresh_from_db()
    assert endpoint.masked_columns == ["city"]


def test_masked_columns_with_commas_in_their_names_stand_apart():
    context = {
        "endpoint": Endpoint(name="churn", masked_columns=["age, full", "city"]),
        "capture": capture.Capture(is_on=True, share=5, destination="s3://bucket/data-capture"),
        "user": AnonymousUser(),
    }
    page = render_to_string("endpoints/_capture_settings.html", context)
    assert "<div>age, full</div><div>city</div>" in page
    assert "of your own code" not in page
    assert "of your own code" in render_to_string("endpoints/_capture_settings.html", context | {"own_code": True})
