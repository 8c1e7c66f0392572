"""Predictions for one row from a proven model in two versions."""

from collections.abc import Mapping

import algorithms
from bench.load import request, run
from bench.servers import headers
from bench.versions.report import HEAD, line, own_processor_seconds
from tests.kill.jobs import REGION
from tests.kill_run.work import ROW, host, xgboost_model
from tests.stack import Stack
from tests.waiting import wait_for

BUCKET, NAME = "bench-versions", "bench"
CONNECTIONS, ROUNDS, SECONDS = (1, 8, 64), 9, 1.0


def compare(both: Mapping[str, Stack]) -> None:
    """Ask both in turn over 1, 8 and 64 connections."""
    archive = xgboost_model()
    urls = {version: _deploy(stack, archive) for version, stack in both.items()}
    requests = {}
    for version, stack in both.items():
        key = stack.exports["AWS_ACCESS_KEY_ID"], stack.exports["AWS_SECRET_ACCESS_KEY"]
        requests[version] = [request(urls[version], headers(urls[version], ROW, *key, REGION), ROW)]
        run(urls[version], requests[version], 1, SECONDS)  # loads the model
    print(f"{HEAD}\nserving: one row of 12 features, 20 trees")
    for connections in CONNECTIONS:
        rates, used = ({"other": [], "this": []} for _ in range(2))
        for _ in range(ROUNDS):
            for version, stack in both.items():
                pid = stack.pid("gateway")
                before = own_processor_seconds(pid)
                measured = run(urls[version], requests[version], connections, SECONDS)
                rates[version].append(measured.rps)
                used[version].append((own_processor_seconds(pid) - before) / measured.count * 1e6)
        print(line(f"requests/s over {connections}", rates, ".0f"))
        print(line(f"processor us a request, {connections}", used, ".0f"), flush=True)


def _deploy(stack: Stack, archive: bytes) -> str:
    s3, sagemaker = stack.client("s3"), stack.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive)
    host(sagemaker, NAME, f"s3://{BUCKET}/model.tar.gz", algorithms.get("xgboost").image_uri(REGION))
    wait_for(
        lambda: sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"] == "InService",
        "the endpoint to be in service",
        stack.tail,
    )
    return f"{stack.endpoint}/endpoints/{NAME}/invocations"
