"""Models that can be hosted, and the hosting worker's code in the place of the worker."""

import io
import tarfile
from datetime import timedelta

import numpy
import pytest

from algorithms.library_imports import import_xgboost
from engine.hosting import trial
from engine.hosting.tasks import deploy as deploy_task
from engine.models import Endpoint
from engine.services import endpoints
from tests.wire import asks
from tests.wire.conftest import BUCKET, IMAGE

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
Status = Endpoint.Status


def archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def good_model() -> bytes:
    xgboost = import_xgboost()
    x = numpy.random.default_rng(0).random((40, 3))
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, label=x[:, 0] > 0.5), 2)
    return archive("xgboost-model", bytes(booster.save_raw("ubj")))


@pytest.fixture
def hosting(sm, object_store, good_model):
    """A model, and the configurations config and other, all good."""
    object_store.put_object(Bucket=BUCKET, Key="in/model.tar.gz", Body=good_model)
    sm.create_model(**asks.model())
    for name in ("config", "other"):
        sm.create_endpoint_config(**asks.config(name))
    return sm


@pytest.fixture
def broken(hosting, object_store):
    """A configuration `broken`, whose model is an archive of nonsense."""
    object_store.put_object(Bucket=BUCKET, Key="in/bad.tar.gz", Body=archive("xgboost-model", b"nonsense"))
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/in/bad.tar.gz"}
    hosting.create_model(**asks.model("bad", PrimaryContainer=container))
    hosting.create_endpoint_config(**asks.config("broken", asks.variant(model="bad")))
    return hosting


def deploy() -> Endpoint:
    """Let the hosting worker do what waits for it."""
    deploy_task(Endpoint.objects.get().pk)
    return Endpoint.objects.get()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """DescribeEndpoint waits a moment for a new endpoint; the tests have no worker that would end the wait."""
    monkeypatch.setattr(endpoints, "MAX_WAIT", timedelta(0))


@pytest.fixture
def trusting(monkeypatch):
    """The trial of a model, which takes seconds, is left out: for tests of what comes before and after it."""
    monkeypatch.setattr(trial, "run", lambda endpoint, variant, algorithm: None)


@pytest.fixture
def serving(hosting):
    """An endpoint in service."""
    hosting.create_endpoint(**asks.endpoint())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "run", lambda endpoint, variant, algorithm: None)
        assert deploy().status == Status.IN_SERVICE
    return hosting
