"""A data folder of an earlier version, killed in the middle of everything, opens in this one and goes on.

The folder is data.tar.xz; make.py tells how it was made and what is in it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.stack import Stack
from tests.upgrade.folder import query, unpack
from tests.upgrade.make import BUCKET, KEYS, PASSWORD, UPLOAD
from tests.upgrade.web_client import WebClient, controls, links
from tests.waiting import wait_for

pytestmark = pytest.mark.stack
ENDS = {  # {model: status of its job}; what was unfinished comes last
    "churn": "Completed",
    "points": "Completed",
    "lights": "Completed",
    "unclean": "Failed",
    "failed": "Failed",
    "stopped": "Stopped",
    "training": "Completed",
    "stopping": "Stopped",
    "launching": "Completed",
    "preparing": "Completed",
    "queued": "Completed",
}
JOBS = "SELECT m.name, j.status FROM models_app_model m JOIN models_app_trainingjob j ON j.id = m.job_id"
ENDPOINTS = "SELECT name, status FROM models_app_endpoint"
SCANS = "SELECT uri, status FROM models_app_scan WHERE status IN ('Queued', 'Running')"
LISTS = (
    "/",
    "/models/",
    "/jobs/",
    "/endpoints/",
    "/buckets/",
    "/models/create/",
    "/uploads/",
    "/search/?q=churn",
    "/admin/",
)
PAGES = re.compile(r"/(models|jobs|endpoints|buckets|s3)/|/admin/\w+/\w+/$")
NOT_PAGES = re.compile(r"/download/|[?&](sort|page|density)=")
WAITING = """
from django.core.cache import cache
client = cache._cache.get_client(write=True)
print(sum(client.llen(key) for key in client.keys("celery:*") if client.type(key) == b"list"))
"""
VOLATILE = ("csrfmiddlewaretoken", "intent", "looked")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def facts(folder) -> dict[str, Any]:
    return unpack(folder)


@pytest.fixture(scope="module")
def stack(folder, facts) -> Iterator[Stack]:
    with Stack(folder, SAGEWRIGHT_POLL_SECONDS="1") as running:
        yield running


@pytest.fixture(scope="module")
def editor(stack) -> WebClient:
    return WebClient(stack.web, "editor", PASSWORD)


@pytest.fixture(scope="module")
def settled(stack, folder) -> None:
    """Everything that was under way has ended."""

    def rest() -> tuple:
        return tuple(dict(query(folder, sql)) for sql in (JOBS, ENDPOINTS, SCANS))

    wanted = (ENDS, {"churn": "InService", "points": "InService"}, {})
    wait_for(lambda: rest() == wanted, "everything to end", lambda: f"{rest()}\n{stack.tail()}")


def test_drafts_and_earlier_models_open_with_every_control_as_it_was(editor, facts):
    for path, before in facts["forms"].items():
        page = editor.get(path)
        assert page.status == 200, path
        now = controls(page.text, "data_uri")
        stays = {name: value for name, value in before.items() if name not in VOLATILE}
        assert {name: now.get(name) for name in stays} == stays, path


def test_an_endpoint_answers_as_before(stack, facts):
    runtime = stack.client("sagemaker-runtime")
    for request in facts["predictions"]:
        response = runtime.invoke_endpoint(
            EndpointName="churn", ContentType=request["type"], Accept="application/json", Body=request["body"]
        )
        assert response["Body"].read().decode() == request["answer"]


def test_an_upload_that_was_begun_is_sent_again(stack, editor, facts):
    """The store's objects were renamed, which ends what was not finished; the console then begins anew."""
    upload = facts["upload"]
    begun = json.loads(editor.post(f"/buckets/{BUCKET}/uploads/", upload["fields"]).text)
    assert begun["missing"] == [1, 2, 3]
    size, part = int(upload["fields"]["size"]), int(UPLOAD["part"])
    for number in begun["missing"]:
        body = bytes(min(part, size - (number - 1) * part))
        assert editor.put(f"/uploads/{begun['id']}/parts/{number}/", body).status == 204
    uri = json.loads(editor.post(f"/uploads/{begun['id']}/finish/", {}).text)["uri"]
    key = uri.removeprefix(f"s3://{BUCKET}/")
    assert stack.client("s3").head_object(Bucket=BUCKET, Key=key)["ContentLength"] == size


def test_access_keys_sign_with_the_roles_they_had(stack):
    for person, key in KEYS.items():
        identity, _, secret = key.partition(":")
        session = boto3.Session(identity, secret, region_name="us-east-1")
        s3 = session.client("s3", endpoint_url=stack.endpoint)
        assert s3.head_object(Bucket=BUCKET, Key="churn.csv")["ContentLength"]
        if person == "editor":
            s3.put_object(Bucket=BUCKET, Key="by-the-editor", Body=b"1")
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.put_object(Bucket=BUCKET, Key="by-the-viewer", Body=b"1")


def test_what_was_created_has_the_owner_it_had_in_the_console(stack, facts):
    identity, _, secret = KEYS["editor"].partition(":")
    session = boto3.Session(identity, secret, region_name="us-east-1")
    sagemaker = session.client("sagemaker", endpoint_url=stack.endpoint)
    own, other = (
        sagemaker.describe_training_job(TrainingJobName=facts["jobs"][name])["TrainingJobArn"]
        for name in ("churn", "lights")
    )
    tag = [{"Key": "reviewed", "Value": "yes"}]
    sagemaker.add_tags(ResourceArn=own, Tags=tag)
    with pytest.raises(ClientError, match="It belongs to admin"):
        sagemaker.add_tags(ResourceArn=other, Tags=tag)


def test_a_client_reads_the_log_and_the_metrics_of_an_earlier_job(stack, facts):
    name = facts["jobs"]["churn"]
    group = "/aws/sagemaker/TrainingJobs"
    logs = stack.client("logs")
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)[
        "events"
    ]
    assert any("train-auc" in event["message"] for event in events)
    job = stack.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert job["FinalMetricDataList"] and job["SecondaryStatusTransitions"][-1]["Status"] == "Completed"


def test_what_was_under_way_goes_on_and_ends(settled, stack, folder, facts):
    assert query(folder, "SELECT uri FROM models_app_scan WHERE status IN ('Queued', 'Running')") == []
    jobs = stack.client("sagemaker").list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    names = [job["TrainingJobName"] for job in jobs]
    for model in ENDS:
        started = [name for name in names if name.startswith(f"{model}-")]
        assert started == ([] if model == "unclean" else [facts["jobs"][model]]), "each was started once"


def test_no_message_is_left_and_no_process_died(stack):
    assert "starting it again" not in stack.log.read_text()
    queues = "from django.core.cache import cache; c = cache._cache.get_client(write=True);"
    answer = stack.manage(
        "shell", "-c", f"{queues} print(sum(c.llen(q) for q in c.keys('celery:*') if c.type(q) == b'list'))"
    )
    assert answer.split()[-1] == "0"


def test_every_page_of_every_row_opens(settled, stack, folder, facts):
    person = WebClient(stack.web, "admin", PASSWORD)
    pages = {path: person.get(path) for path in (*LISTS, *facts["pages"], *facts["forms"], *paths_of_rows(folder))}
    for _depth in range(2):
        results = set().union(*(links(page.text) for page in pages.values())) - pages.keys()
        pages |= {path: person.get(path) for path in results if PAGES.match(path) and not NOT_PAGES.search(path)}
    assert {path: page.status for path, page in pages.items() if page.status != 200} == {}


def test_what_was_said_in_english_is_read_in_korean(settled, stack, folder, facts):
    texts = {}
    for language in ("en", "ko"):
        person = WebClient(stack.web, "viewer", PASSWORD, language)
        pages = [person.get(path) for path in ("/", *paths_of_rows(folder))]
        assert {(page.status, f'<html lang="{language}"' in page.text) for page in pages} == {(200, True)}
        texts[language] = "".join(page.text for page in pages)
    for english in ("Model churn created", "Data checked: 400 rows", "cells of another kind</b>"):
        assert english in texts["en"]
        assert english not in texts["ko"]


def paths_of_rows(folder: Path) -> list[str]:
    """The page of every model, job and endpoint there is."""
    return [
        f"/{path}/{name}/"
        for path, table in (("models", "model"), ("jobs", "trainingjob"), ("endpoints", "endpoint"))
        for (name,) in query(folder, f"SELECT name FROM models_app_{table}")  # noqa: S608
    ]
