"""People and things the page tests look at, and static files without a build."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from models_app.models import Endpoint, Event, LogLine, MetricPoint, Model, Person, TrainingJob
from tests.pages.lake import drought, lake, s3, shared_bucket, shared_table, table  # noqa: F401


@pytest.fixture(autouse=True)
def quick_and_plain(settings, db):
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow ones are Django's to test
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    cache.clear()


def person(name: str, role: str) -> User:
    user = User.objects.create_user(name, password="a-fine-password")
    Person.objects.create(user=user, role=role)
    return user


@pytest.fixture
def vera() -> User:
    """A viewer."""
    return person("vera", "viewer")


@pytest.fixture
def alice() -> User:
    """An editor."""
    return person("alice", "editor")


@pytest.fixture
def bob() -> User:
    """Another editor."""
    return person("bob", "editor")


@pytest.fixture
def ada() -> User:
    """An administrator."""
    return person("ada", "administrator")


@pytest.fixture
def signed_in():
    """signed_in(user) is a browser in which `user` is signed in."""

    def open_browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def finished(alice) -> Model:
    """Alice's model, trained and deployed: ten rounds, three log lines, an endpoint in service."""
    model = Model.objects.create(
        name="churn",
        owner=alice,
        algorithm="xgboost",
        data_uri="s3://data/churn/train.csv",
        target="churned",
        schema={"columns": [{"name": "age", "kind": "number", "role": "feature"}], "features": ["age"], "rows": 1000},
    )
    curve = [0.6 + i / 100 for i in range(10)]
    job = TrainingJob.objects.create(
        name="churn-0001",
        model=model,
        owner=alice,
        status=TrainingJob.Status.COMPLETED,
        algorithm="xgboost",
        arn="arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-0001",
        started=now(),
        ended=now(),
        hyperparameters={"num_round": "10", "eta": "0.1"},
        artifact="s3://data/out/model.tar.gz",
        log_done=True,
        progress={
            "round": 10,
            "metric": "validation:auc",
            "goal": "max",
            "value": 0.69,
            "best": 0.69,
            "best_round": 10,
            "curve": curve,
        },
    )
    MetricPoint.objects.bulk_create(
        MetricPoint(job=job, name=name, round=i + 1, value=value)
        for name in ("train:auc", "validation:auc")
        for i, value in enumerate(curve)
    )
    LogLine.objects.bulk_create(LogLine(job=job, number=i, at=now(), text=f"[{i}] round <{i}>") for i in (1, 2, 3))
    Event.objects.create(job=job, was="InProgress", became="Completed", text="Training completed")
    endpoint = Endpoint.objects.create(
        name="churn", model=model, owner=alice, status=Endpoint.Status.IN_SERVICE, artifact=job.artifact
    )
    model.job, model.endpoint = job, endpoint
    model.save()
    return model


@pytest.fixture
def broken(alice) -> Model:
    """Alice's model whose training failed on text in the label."""
    model = Model.objects.create(name="labels", owner=alice, algorithm="xgboost", data_uri="s3://data/labels.csv")
    model.job = TrainingJob.objects.create(
        name="labels-0001",
        model=model,
        owner=alice,
        status=TrainingJob.Status.FAILED,
        algorithm="xgboost",
        arn="arn:aws:sagemaker:us-east-1:123456789012:training-job/labels-0001",
        failure_reason="AlgorithmError: could not convert string to float: 'unknown'\nexit code: 1",
    )
    model.save()
    return model
