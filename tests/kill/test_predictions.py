"""A stream of predictions while the processes on its path are killed: nobody is refused, and a loaded model answers."""

from collections.abc import Iterator

import pytest

import algorithms
from tests.kill.jobs import BUCKET, REGION, Jobs, stamp
from tests.kill_run.predictions import Asker
from tests.kill_run.work import ROW, host, xgboost_model
from tests.waiting import wait_for

pytestmark = pytest.mark.kill


@pytest.fixture
def asker(stack, jobs: Jobs) -> Iterator[Asker]:
    """A client of an endpoint, which gets answers."""
    name = f"asked-{stamp()}"
    jobs.s3.put_object(Bucket=BUCKET, Key=f"{name}.tar.gz", Body=xgboost_model())
    host(jobs.sagemaker, name, f"s3://{BUCKET}/{name}.tar.gz", algorithms.get("xgboost").image_uri(REGION))
    wait_for(
        lambda: jobs.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService",
        f"{name} to be in service",
        stack.tail,
    )
    key = stack.exports["AWS_ACCESS_KEY_ID"], stack.exports["AWS_SECRET_ACCESS_KEY"]
    asker = Asker(name, f"{stack.endpoint}/endpoints/{name}/invocations", ROW, key, REGION)
    asker.start()
    _more(asker)
    asker.failed.clear()
    yield asker
    asker.end()


def test_predictions_go_on_while_processes_are_killed(stack, asker):
    for victim in ("store", "valkey", "engine"):  # a model that is loaded needs none of them
        stack.wait_for_restart(victim, stack.kill(victim))
        _more(asker)
    assert asker.failed == []
    for _ in range(3):
        stack.wait_for_restart("gateway", stack.kill("gateway"))
        _more(asker)
    assert asker.failed, "the connection that the client keeps is lost"
    assert not [text for _, text in asker.failed if "refused" in text]


def _more(asker: Asker) -> None:
    before = len(asker.answered)
    wait_for(lambda: len(asker.answered) > before + 20, f"answers; {asker.failed[-3:]}")
