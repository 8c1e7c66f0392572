"""Single-row serving through the gateway against plain FastAPI with the same model: `python -m bench.serving`.

All run as one process on loopback, are checked against Booster.predict first, and are then timed in turn, round by
round, so that a busy machine slows all. Beside the gateway: the gateway without its short way, and without signatures;
and a server that answers without reading. Requests to the first two are signed (SigV4) before the clock starts.
TREES=500 makes another model.
"""

import contextlib
import os
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path

from bench.servers import headers, object_storage, process, wait

REGION, NAME = "us-east-1", "bench"
SIGNED = ("sagewright", "ordinary")
CONNECTIONS, ROUNDS, SECONDS = (1, 8, 64), 3, 0.9
TREES = int(os.environ.get("TREES", "100"))
QUIET = ("--no-access-log", "--log-level", "warning")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        from tests.ports import free_ports

        running.enter_context(object_storage(folder, REGION, MODEL_FILE=f"{folder}/model.ubj"))
        rows, expected, access_key, secret = _prepare(folder)
        apps = {
            "fastapi": (["uvicorn", "bench.peer_fastapi:app", *QUIET, "--port"], {}),
            "sagewright": (["engine.gateway", "--port"], {}),
            "ordinary": (["engine.gateway", "--port"], {"SAGEWRIGHT_SHORT_WAY": "0"}),
            "unsigned": (["bench.unsigned"], {}),
            "constant": (["bench.constant"], {}),
        }
        targets, pids = {}, {}
        for (name, (command, variables)), port in zip(apps.items(), free_ports(len(apps)), strict=True):
            pids[name] = running.enter_context(process([sys.executable, "-m", *command, f"{port}"], **variables)).pid
            base = f"http://127.0.0.1:{port}"
            url = f"{base}/invocations" if name == "fastapi" else f"{base}/endpoints/{NAME}/invocations"
            targets[name] = (base, url)
        for base, _ in targets.values():
            wait(f"{base}/healthz")
        requests = {}
        for name, (_, url) in targets.items():
            requests[name] = _requests(url, rows, access_key if name in SIGNED else "", secret)
            if name != "constant":
                _check(url, rows, expected, access_key if name in SIGNED else "", secret)
        _compare({name: url for name, (_, url) in targets.items()}, requests, pids)


def _prepare(folder: str):
    """Migrate, train, upload, deploy, issue a key; the rows as CSV, and the library's answers."""
    import django

    django.setup()
    import numpy as np
    from django.core.management import call_command
    from sklearn.datasets import load_breast_cancer

    import algorithms
    from engine import store
    from engine.models import AccessKey, Endpoint
    from tests.wire.gateway.models import archive, csv, xgboost

    call_command("migrate", verbosity=0)
    data = load_breast_cancer()
    x = data.data.astype(np.float32)
    settings = {"objective": "binary:logistic", "max_depth": 5, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(x, data.target), TREES)
    booster.save_model(os.environ["MODEL_FILE"])
    store.client().create_bucket(Bucket="bench")
    body = archive({"xgboost-model": bytes(booster.save_raw("ubj"))})
    store.client().put_object(Bucket="bench", Key="model.tar.gz", Body=body)
    variant = {
        "VariantName": "AllTraffic",
        "Image": algorithms.get("xgboost").image_uri(REGION),
        "ModelDataUrl": "s3://bench/model.tar.gz",
        "CurrentWeight": 1.0,
    }
    Endpoint.objects.create(region=REGION, name=NAME, config_name=NAME, status="InService", variants=[variant])
    key, secret = AccessKey.issue(None, AccessKey.Role.EDITOR)
    some = x[:50]
    return [csv(row[None, :]) for row in some], booster.predict(xgboost.DMatrix(some)), key.access_key_id, secret


def _requests(url: str, rows: list[bytes], access_key: str, secret: str) -> list[bytes]:
    from bench.load import request

    return [request(url, headers(url, row, access_key, secret, REGION), row) for row in rows]


def _check(url: str, rows: list[bytes], expected, access_key: str, secret: str) -> None:
    for row, right in zip(rows, expected, strict=True):
        query = urllib.request.Request(url, row, headers(url, row, access_key, secret, REGION))
        with urllib.request.urlopen(query) as answer:
            got = float(answer.read())
        if abs(got - right) > 1e-6:
            raise SystemExit(f"{url} answered {got}, Booster.predict {right}: nothing is timed before this is right.")


def _compare(urls: dict[str, str], requests: dict[str, list[bytes]], pids: dict[str, int]) -> None:
    from bench.load import run

    print(f"one row of 30 features, {TREES} trees of depth 5; {ROUNDS} interleaved rounds of {SECONDS} s")
    head = f"{'connections':>11}  {'server':<11} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'cpu us':>7}"
    print(f"{head}   requests/s as a multiple of FastAPI's (each round)")
    for connections in CONNECTIONS:
        observed, cpu = {name: [] for name in urls}, {name: [] for name in urls}
        for _ in range(ROUNDS):
            for name, url in urls.items():
                before = _cpu(pids[name])
                observed[name].append(run(url, requests[name], connections, SECONDS))
                cpu[name].append((_cpu(pids[name]) - before) / (observed[name][-1].rps * SECONDS) * 1e6)
        for name, rounds in observed.items():
            ratios = [ours.rps / peer.rps for ours, peer in zip(rounds, observed["fastapi"], strict=True)]
            middle = {what: statistics.median(getattr(r, what) for r in rounds) for what in ("rps", "p50", "p99")}
            each = " ".join(f"{ratio:.2f}" for ratio in ratios)
            print(
                f"{connections:>11}  {name:<11} {middle['rps']:>10.0f} {middle['p50']:>8.3f} {middle['p99']:>8.3f}"
                f" {statistics.median(cpu[name]):>7.0f}   {statistics.median(ratios):.2f}x ({each})"
            )


def _cpu(pid: int) -> float:
    """Seconds of processor time the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
