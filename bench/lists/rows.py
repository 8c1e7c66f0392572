"""Fills the console's database with jobs, models and endpoints like those of a busy year."""

import math
import random
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import now

from common.db.person import Person
from models_app.models import Endpoint, Event, Model, TrainingJob

FILL_VALUES = import_module("models_app.migrations.0022_fill_values")  # as an upgrade writes them
BATCH = 2000
ALGORITHMS = ("xgboost", "lightgbm", "catboost", "linear-learner", "knn")
PEOPLE = 20
FEATURE = {"name": "age", "kind": "number", "role": "feature"}


def fill(jobs: int, models: int, endpoints: int, live: int) -> User:
    """Write the rows, the newest last; return an editor who owns one in twenty of them.

    The first `models` * 4 jobs belong to models, four for each. Half of the others are external.
    The last `live` jobs run.
    """
    draw = random.Random(11)
    users = User.objects.bulk_create(User(username=f"person-{n}") for n in range(PEOPLE))
    Person.objects.bulk_create(Person(user=user, role="editor") for user in users)
    began = now() - timedelta(days=365)
    for batch in _batches(models):
        Model.objects.bulk_create(
            Model(
                name=f"{_subject(n)}-model-{n}",
                owner=users[n % PEOPLE],
                algorithm=ALGORITHMS[n % len(ALGORITHMS)],
                data_uri=f"s3://data/{_subject(n)}/train.csv",
                schema={"rows": 1000 + n, "columns": [FEATURE], "features": ["age"]},
                created=began + timedelta(minutes=26 * n),
            )
            for n in batch
        )
    of_number = list(Model.objects.order_by("pk").values_list("pk", flat=True))
    for batch in _batches(jobs):
        TrainingJob.objects.bulk_create(
            _job(n, jobs, live, of_number[n % models] if n < 4 * models else None, users, began, draw) for n in batch
        )
    _latest_jobs()
    FILL_VALUES.fill(apps, None)
    with_job = list(Model.objects.filter(job__status="Completed").order_by("pk")[:endpoints])
    created_endpoints = Endpoint.objects.bulk_create(
        Endpoint(name=model.name, model=model, owner_id=model.owner_id, status="InService", created=model.created)
        for model in with_job
    )
    for model, endpoint in zip(with_job, created_endpoints, strict=True):
        model.endpoint = endpoint
    Model.objects.bulk_update(with_job, ["endpoint"], batch_size=200)
    finished_jobs = TrainingJob.objects.order_by("-pk").values_list("pk", "ended")[: jobs // 2]
    for start in range(0, len(finished_jobs), BATCH):
        Event.objects.bulk_create(
            Event(job_id=pk, was="InProgress", became="Completed", at=at or now(), text="Training completed")
            for pk, at in finished_jobs[start : start + BATCH]
        )
    return users[0]


def _batches(count: int) -> Iterator[range]:
    return (range(start, min(start + BATCH, count)) for start in range(0, count, BATCH))


def _subject(n: int) -> str:
    return ("iris", "churn", "spend", "sensor", "tickets")[n // 7 % 5]


def _latest_jobs() -> None:
    """Each model points at the newest of its jobs."""
    job, model = TrainingJob._meta.db_table, Model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model} SET job_id = (SELECT MAX(id) FROM {job} WHERE {job}.model_id = {model}.id)")


def _job(n: int, jobs: int, live: int, model: int | None, users: list[User], began, draw: random.Random) -> TrainingJob:
    status = "InProgress" if n >= jobs - live else draw.choices(("Completed", "Failed", "Stopped"), (92, 6, 2))[0]
    created = began + timedelta(days=365) * (n / jobs)
    seconds = draw.lognormvariate(4, 1)
    eta, depth = round(10 ** draw.uniform(-2, -0.3), 3), draw.randint(3, 10)
    auc = round(0.7 + 0.25 * draw.random(), 5)
    algorithm = ALGORITHMS[n % len(ALGORITHMS)]
    external = model is None and n % 2 == 0
    hyperparameters = {"num_round": "100", "eta": f"{eta}", "max_depth": f"{depth}", "objective": "binary:logistic"}
    return TrainingJob(
        name=f"{_subject(n)}-{algorithm}-{n}",
        arn=f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{n}",
        model_id=model,
        owner=None if external else users[n % PEOPLE],
        external=external,
        status=status,
        failure_reason="AlgorithmError: could not convert string to float: 'unknown'" if status == "Failed" else "",
        error_lines=[] if status == "Failed" else None,
        created=created,
        status_since=created + timedelta(seconds=seconds),
        started=created,
        ended=created + timedelta(seconds=seconds) if status != "InProgress" else None,
        billable_seconds=round(seconds),
        algorithm=algorithm,
        instance_type="ml.m5.large",
        hyperparameters=hyperparameters,
        final_metrics={"validation:auc": auc},
        progress={
            "round": 100,
            "metric": "validation:auc",
            "goal": "max",
            "value": auc,
            "best": auc,
            "best_round": 90,
            "curve": [round(auc - 0.2 * math.exp(-i / 12), 5) for i in range(60)],
        },
        described={
            "HyperParameters": hyperparameters,
            "TrainingJobArn": "x" * 100,
            "InputDataConfig": [{"ChannelName": name, "S3Uri": f"s3://data/{name}/" * 10} for name in ("train", "val")],
            "SecondaryStatusTransitions": [{"Status": "Training", "StatusMessage": "y" * 100}] * 5,
        },
        log_done=status != "InProgress",
        followed=now(),
        last_synced=now(),
    )
