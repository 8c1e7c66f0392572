"""What there is after the kills: all that was asked for, once, and nothing else."""

import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from algorithms.fold_score import MARGIN, PART
from tests.kill.jobs import BUCKET
from tests.kill_run.work import ROUNDS, Work
from tests.upgrade.folder import query

OVER = ("Completed", "Failed", "Stopped")
MODELS = """
SELECT m.name, j.name, j.status, j.log_done, j.billable_seconds, j.id
FROM models_app_model m JOIN models_app_trainingjob j ON j.model_id = m.id
"""
ENDPOINTS = """
SELECT m.name, e.name, e.status, (julianday(e.status_since) - julianday(e.created)) * 86400, e.sagemaker_model
FROM models_app_endpoint e JOIN models_app_model m ON e.model_id = m.id
"""
POINTS = "SELECT job_id, name, COUNT(*) FROM models_app_metricpoint GROUP BY job_id, name"


def unsettled(work: Work) -> list[str]:
    """What is still under way, on both sides of the wire."""
    state = work.stack.state()
    results = [name for name in state["restarts"] if not _is_alive(state["pids"].get(name, 0))]
    results += [f"job {job['TrainingJobName']}" for job in _jobs(work) if job["TrainingJobStatus"] not in OVER]
    results += [f"endpoint {e['EndpointName']}" for e in _endpoints(work) if e["EndpointStatus"] == "Creating"]
    rows = {row[0]: row for row in query(work.stack.data, MODELS)}
    deployed = {row[0]: row for row in query(work.stack.data, ENDPOINTS)}
    for name, deploys in work.models.items():
        if name not in rows or rows[name][2] not in OVER or not rows[name][3]:
            results.append(f"model {name}")
        elif (
            deploys and rows[name][2] == "Completed" and deployed.get(name, ("",) * 3)[2] not in ("InService", "Failed")
        ):
            results.append(f"deployment of {name}")
    return results


def faults(work: Work) -> Iterator[str]:
    """Everything that is not as it should be, in words."""
    for name in work.names:
        try:
            work.jobs.check(name, ROUNDS)
        except AssertionError as e:
            where = traceback.extract_tb(e.__traceback__)[-1]
            yield f"{name}: {e} ({where.line})"
    rows = query(work.stack.data, MODELS)
    ours = [row for row in rows if row[0] in work.models]
    yield from _differ("jobs of models", [row[0] for row in ours], list(work.models))
    jobs = {job["TrainingJobName"]: job for job in _jobs(work)}
    yield from _differ("training jobs", list(jobs), [*work.names, *(row[1] for row in ours)])
    points = {(job, name): count for job, name, count in query(work.stack.data, POINTS)}
    for model, job, status, _, billed, pk in ours:
        described = work.jobs.describe(job) if job in jobs else {}
        if (status, described.get("TrainingJobStatus")) != ("Completed", "Completed"):
            yield f"{model}: {job} is {status}, {described.get('FailureReason', described.get('TrainingJobStatus'))}"
        if billed != described.get("BillableTimeInSeconds"):
            yield f"{model}: {billed} s in the console, {described.get('BillableTimeInSeconds')} s are billed"
        counts = {name: count for (job_pk, name), count in points.items() if job_pk == pk}
        expected = {name: 1 if name.partition(":")[0] in (PART, MARGIN) else ROUNDS for name in counts}
        if not counts or counts != expected:
            yield f"{model}: its curve has {counts} points"
    yield from _faults_of_endpoints(work)
    for key, body in work.objects.items():
        if work.jobs.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() != body:
            yield f"object {key} is not what was uploaded"
    listed = work.jobs.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="objects/")
    yield from _differ("objects", [o["Key"] for page in listed for o in page.get("Contents", [])], list(work.objects))


def _faults_of_endpoints(work: Work) -> Iterator[str]:
    rows = [row for row in query(work.stack.data, ENDPOINTS) if row[0] in work.models]
    yield from _differ(
        "deployed models", [row[0] for row in rows], [m for m, deploys in work.models.items() if deploys]
    )
    endpoints = {e["EndpointName"]: e for e in _endpoints(work)}
    yield from _differ("endpoints", list(endpoints), [*work.endpoints, *(row[1] for row in rows)])
    for name, endpoint in endpoints.items():
        if endpoint["EndpointStatus"] != "InService":
            reason = work.hosting.describe_endpoint(EndpointName=name).get("FailureReason")
            yield f"endpoint {name} is {endpoint['EndpointStatus']}: {reason}"
    pages = work.hosting.get_paginator("list_models").paginate()
    models = [model["ModelName"] for page in pages for model in page["Models"]]
    yield from _differ("models of the engine", models, [*work.endpoints, *(row[4] for row in rows)])
    pages = work.hosting.get_paginator("list_endpoint_configs").paginate()
    if (count := sum(len(page["EndpointConfigs"]) for page in pages)) != len(models):
        yield f"{count} configurations of {len(models)} endpoints"


def creating(work: Work) -> tuple[float, float]:
    """The longest time in seconds that an endpoint was Creating, in the engine and in the console."""
    engine = [(e["LastModifiedTime"] - e["CreationTime"]).total_seconds() for e in _endpoints(work)]
    return max(engine, default=0.0), max((row[3] for row in query(work.stack.data, ENDPOINTS)), default=0.0)


def _jobs(work: Work) -> list[dict]:
    pages = work.jobs.sagemaker.get_paginator("list_training_jobs").paginate()
    return [job for page in pages for job in page["TrainingJobSummaries"]]


def _endpoints(work: Work) -> list[dict]:
    return [e for page in work.hosting.get_paginator("list_endpoints").paginate() for e in page["Endpoints"]]


def _is_alive(pid: int) -> bool:
    """True if there is such a process: the supervisor hears of the last kill a moment later."""
    return bool(pid) and Path(f"/proc/{pid}").exists()


def _differ(what: str, results: list[str], expected: list[str]) -> Iterator[str]:
    more, less = Counter(results) - Counter(expected), Counter(expected) - Counter(results)
    if more or less:
        yield f"{what}: too many {dict(more)}, missing {dict(less)}"
