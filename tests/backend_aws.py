"""The console with SAGEWRIGHT_BACKEND=aws against another implementation of AWS, such as moto's server.

    python -m tests.backend_aws http://127.0.0.1:5000     # moto_server -p 5000, or an engine: python3 run --engine

Creates a bucket, a table, a model with its training job and an endpoint through the console's own verbs, with a SQLite
database of its own, opens every page that they have, and prints what fails. It exits with 1 if a page does. Credentials
are those of the environment, or any.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

SECONDS = 60.0  # that a training job or an endpoint gets


def main(endpoint: str) -> int:
    """Go through the console; the number of pages that failed, 1 at most."""
    keys = {name: os.environ.get(name, "testing") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    import tests.environment  # noqa: F401 (a private data folder and a Valkey)

    os.environ |= keys | {
        "AWS_ENDPOINT_URL": endpoint,
        "SAGEWRIGHT_BACKEND": "aws",
        "SAGEWRIGHT_ROLE_ARN": "arn:aws:iam::123456789012:role/SageMakerRole",
        "SAGEWRIGHT_BUCKET": f"sagewright-{uuid.uuid4().hex[:8]}",
        "SAGEWRIGHT_REGION": "us-east-1",
        "DJANGO_SETTINGS_MODULE": "console.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return _walk()


def _walk() -> int:
    from celery import Celery
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from common.db.person import Person
    from jobs import JobSpec
    from models_app import aws
    from models_app.create import submit
    from models_app.models import Endpoint
    from models_app.training.prepare import PREPARATION
    from tables import Recipe
    from tests.unit.tables.real import breast_cancer
    from tests.wire.models_app.conftest import Worker

    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    person = User.objects.create_superuser("ada")
    Person.objects.create(user=person, role="administrator")
    worker = Worker()
    Celery.send_task = lambda app, task, args=(), *_, **more: worker.send(task, args, **more)  # type: ignore[method-assign]
    browser = Client(raise_request_exception=False)
    browser.force_login(person)
    bucket, name = settings.DEFAULT_BUCKET, f"cancer-{uuid.uuid4().hex[:8]}"

    def put_table() -> None:
        from models_app.aws.s3 import ensure_bucket

        with suppress(Exception):  # an engine has its role
            allow = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
            trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
            aws.client("iam").create_role(RoleName="SageMakerRole", AssumeRolePolicyDocument=trust)
        ensure_bucket(bucket)
        aws.client("s3").put_object(Bucket=bucket, Key="tables/cancer.csv", Body=breast_cancer().encode())

    def create() -> None:
        recipe = Recipe(target="target")
        spec = JobSpec(name=name, data_uri=f"s3://{bucket}/tables/cancer.csv", recipe=recipe, deploy_when_done=True)
        job = submit.create(person, spec).job
        assert job
        PREPARATION.perform(job.pk)
        job.refresh_from_db()
        assert job.status != "Failed", job.failure_reason

        def trained() -> bool:
            job.refresh_from_db()
            return job.is_final

        _until(worker, trained)
        print(f"  training job: {job.status} {job.failure_reason[:200]}")

    def deploy() -> None:
        def settled() -> bool:
            return Endpoint.objects.filter(status__in=("InService", "Failed")).exists()

        _until(worker, settled)
        print(f"  endpoint: {[(row.status, row.failure_reason[:200]) for row in Endpoint.objects.all()]}")

    for title, step in (("a table", put_table), ("a model", create), ("its endpoint", deploy)):
        try:
            step()
            print(f"{title}: done")
        except Exception as error:  # noqa: BLE001  whatever another server answers is what is asked for
            print(f"{title}: {type(error).__name__}: {str(error)[:300]}")
            break
    job = f"/jobs/{_latest_job()}/"
    pages = [
        *("/", "/models/", "/jobs/", "/tuning/", "/notebooks/", "/endpoints/", "/batch/", "/buckets/", "/people/"),
        *("/models/create/", "/batch/create/", "/tuning/create/", f"/buckets/{bucket}/", f"/models/{name}/"),
        *(f"/models/{name}/evaluation/", f"/models/{name}/explain/", job, f"{job}usage/", f"{job}tags/"),
        *(f"/endpoints/{row.name}/" for row in Endpoint.objects.all()),
        *(f"/endpoints/{row.name}/logs/" for row in Endpoint.objects.all()),
    ]
    failed = [(page, status) for page in pages if (status := browser.get(page).status_code) not in (200, 302)]
    print(f"{len(pages)} pages, {len(failed)} of them failed: {failed}")
    return int(bool(failed))


def _latest_job() -> str:
    from models_app.models import TrainingJob

    return TrainingJob.objects.order_by("-pk").values_list("name", flat=True).first() or "-"


def _until(worker, condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {SECONDS:.0f} s")
        worker.step()
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
