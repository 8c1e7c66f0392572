"""Makes tests/upgrade/data.tar.xz, the data folder of an earlier version that test_upgrade.py opens.

    git worktree add /tmp/earlier 4160d2e
    python -m tests.upgrade.make /tmp/earlier tests/upgrade/data.tar.xz

It starts the Sagewright of that checkout with this Python, works with it as three people and a boto3 client do, and
kills every process with `kill -9` while jobs, scans, uploads and deletions are under way. All secrets in the folder
are constants of this file and of no use elsewhere. What the test needs to know of the folder is in its facts.json.

Left out are the static files, which every version collects anew. Cached objects are made to stay in Valkey for ever,
since the test may run years after they would have expired. Only code of commit 4160d2e is called in ACTIONS.
"""

import contextlib
import json
import os
import signal
import sqlite3
import sys
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.stack import Stack
from tests.upgrade.tables import BIG, CHURN, CLEAN, POINTS, UNCLEAN
from tests.upgrade.web_client import WebClient, buttons, controls
from tests.waiting import wait_for

PASSWORD = "only-for-the-upgrade-test"  # noqa: S105 (of all three people, in a folder that only a test opens)
SECRETS = {
    "secret_key": "only-for-the-upgrade-test-0123456789-abcdefghijklmnop",
    "console_key": "SWKIAUPGRADETESTONLY2:only-for-the-upgrade-test-console",
    "first_user_key": "SWKIAUPGRADETESTONLY3:only-for-the-upgrade-test-first-user",
    "store_key": "onlyfortheupgradetest:only-for-the-upgrade-test-store",
}
KEYS = {  # {person: access key}
    "editor": "SWKIAUPGRADETESTONLY4:only-for-the-upgrade-test-editor",
    "viewer": "SWKIAUPGRADETESTONLY5:only-for-the-upgrade-test-viewer",
}
BUCKET = "tables"
LEFT_OUT = ("static", "up.log")
MIB = 1024 * 1024
UPLOAD = {"name": "large.csv", "size": 18 * MIB, "modified": 1_700_000_000_000, "part": 8 * MIB}
# Jobs that can be caught in the middle: one that is stopped, and one that a later version trains again. Without a
# validation share their channels repeat themselves as the tables do, and take little space in the archive.
WHOLE = {"validation": "none", "hp-early_stopping_rounds": ""}
_SLOW = WHOLE | {"hp-tree_method": "exact", "hp-nthread": "1", "hp-max_depth": "2"}
ENDLESS, LONG = ({"hp-num_round": rounds, **_SLOW} for rounds in ("600", "60"))

PEOPLE = """
from django.contrib.auth import get_user_model
from engine.models import AccessKey
from models_app.models import Person
for name, role in (("admin", "administrator"), ("editor", "editor"), ("viewer", "viewer")):
    user, _ = get_user_model().objects.get_or_create(username=name)
    user.set_password({password!r})
    user.save()
    Person.objects.update_or_create(user=user, defaults={{"role": role, "one_time_password": False}})
    if name in {keys!r}:
        key, _, secret = {keys!r}[name].partition(":")
        AccessKey.issue(user, role, "Only for the upgrade test", key, secret)
"""

ACTIONS = """
import os, signal, time, uuid
from django.contrib.auth import get_user_model
from django.core.cache import cache
from models_app import lake
from models_app.actions import jobs, models, scans
from models_app.draft import Draft
from models_app.models import Model, Scan, TrainingJob
from tables import Recipe

editor = get_user_model().objects.get(username="editor")
big = "s3://{bucket}/big.csv"

def create(name, uri, target):
    draft = Draft(name=name, data_uri=uri, recipe=Recipe(target=target, has_header=True), deploy_when_done=False,
                  hyperparameters={{"objective": "binary:logistic", "num_round": "5"}})
    return models._make(editor, draft, uuid.uuid4(), lake.inspect(uri, draft.recipe)).job

def scan(uri, etag="", **recipe):
    return scans.start(editor, uri, etag or lake.inspect(uri).etag, Recipe(**recipe))

done, failed = scan("s3://{bucket}/churn.csv"), scan("s3://{bucket}/points.csv", etag="another")
while Scan.objects.filter(pk__in=(done.pk, failed.pk), status__in=("Queued", "Running")).exists():
    time.sleep(0.1)
job, running = create("preparing", big, "left"), scan(big)
while True:
    job.refresh_from_db()
    running.refresh_from_db()
    if job.preparing and running.status == "Running":
        break
    assert job.status == "Created" and running.status in ("Queued", "Running"), (job.status, running.status)
for pid in {worker}:
    os.kill(pid, signal.SIGSTOP)

create("queued", big, "left")
scan(big, has_header=False)
models.add_endpoint(Model.objects.get(name="points"), "points")
jobs.stop(Model.objects.get(name="stopping").job)
models.delete(Model.objects.get(name="deleting"))
client = cache._cache.get_client(write=True)
for key in client.scan_iter(":1:*"):
    client.persist(key)
print("cached:", sorted(str(key).split(":")[2] for key in client.scan_iter(":1:*")))
print("queued:", client.llen("celery:console"), client.llen("celery:training"))
"""


def main(checkout: str, archive: str) -> None:
    with tempfile.TemporaryDirectory(prefix="sw-upgrade-") as folder:
        data = Path(folder)
        (data / "secrets").mkdir(mode=0o700)
        for name, secret in SECRETS.items():
            (data / "secrets" / name).write_text(secret)
        root = Path(checkout).resolve()
        stack = Stack(data, (sys.executable, str(root / "manage.py")), root, SAGEWRIGHT_POLL_SECONDS="1")
        stack.start()
        try:
            facts = fill(stack)
        finally:
            kill_all(stack)
        (data / "facts.json").write_text(json.dumps(facts, indent=1))
        pack(data, Path(archive))


def fill(stack: Stack) -> dict:
    """Make everything, the unfinished last; what the test needs to know of it."""
    print(stack.manage("shell", "-c", PEOPLE.format(password=PASSWORD, keys=KEYS)))
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for name, body in (("churn", CHURN), ("points", POINTS), ("clean", CLEAN), ("unclean", UNCLEAN), ("big", BIG)):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.csv", Body=body, ContentType="text/csv")
    editor = WebClient(stack.web, "editor", PASSWORD)
    admin = WebClient(stack.web, "admin", PASSWORD)

    create(editor, "churn", target="left", deploy_when_done="on", idle_hours="24")
    create(editor, "points", algorithm="kmeans", **{"hp-k": "3"})
    create(admin, "lights", "churn", algorithm="lightgbm", target="left", **{"hp-num_boost_round": "8"})
    create(editor, "deleting", "churn", target="left", **{"hp-num_round": "3"})
    with frozen(stack, "worker"):  # else the form would know of the fault in a moment
        create(editor, "unclean", target="left")
    for name, status in (("churn", "Completed"), ("points", "Completed"), ("lights", "Completed")):
        wait_for_job(stack, name, status)
    wait_for_job(stack, "deleting", "Completed")
    wait_for_job(stack, "unclean", "Failed")
    external_job(stack)
    with frozen(stack, "trainer"):
        create(editor, "failed", "churn", target="left")
        name = wait_for_job(stack, "failed", "InProgress")
        remove_channels(stack, name)
    wait_for_job(stack, "failed", "Failed")
    create(editor, "stopped", "clean", target="left", **ENDLESS)
    wait_for(lambda: rows(stack, TRAINING), "the job to train", stack.tail, 60)
    with frozen(stack, "trainer"):  # so that it does not end before it is stopped
        editor.post(f"/jobs/{wait_for_job(stack, 'stopped', 'InProgress')}/stop/", {})
        wait_for_job(stack, "stopped", "Stopping")
    wait_for_job(stack, "stopped", "Stopped")
    wait_for(lambda: rows(stack, "SELECT 1 FROM models_app_endpoint WHERE status = 'InService'"), "the endpoint")

    facts = {
        "bucket": BUCKET,
        "forms": forms(editor),
        "upload": begin_upload(editor),
        "predictions": predictions(stack),
        "pages": browse(editor),
    }
    for process in (stack.state()["pid"], stack.pid("beat")):
        os.kill(process, signal.SIGSTOP)
    with frozen(stack, "trainer"):  # so that both begin at the same time
        for name, rounds in (("stopping", ENDLESS), ("training", LONG)):
            create(editor, name, "clean", target="left", **rounds)
            wait_for_job(stack, name, "InProgress")
    wait_for(lambda: len(rows(stack, TRAINING)) == 2, "both jobs to train", stack.tail, 60)
    signal_all(processes_of(stack.pid("trainer")), signal.SIGSTOP)
    create(editor, "launching", "big", target="left", **WHOLE, **{"hp-num_round": "5"})
    wait_for(lambda: rows(stack, PREPARING), "launching to be prepared")
    signal_all(processes_of(stack.pid("engine")), signal.SIGSTOP)
    wait_for_job(stack, "launching", "Launching")  # and stays so, for nobody answers
    worker = processes_of(stack.pid("worker"))
    print(stack.manage("shell", "-c", ACTIONS.format(bucket=BUCKET, worker=worker)))
    time.sleep(2)  # Valkey writes its file once a second
    return facts | {"jobs": dict(rows(stack, JOBS)), "at": datetime.now(UTC).isoformat()}


JOBS = "SELECT m.name, j.name FROM models_app_trainingjob j JOIN models_app_model m ON m.job_id = j.id"
TRAINING = "SELECT 1 FROM engine_trainingjob WHERE status = 'InProgress' AND secondary_status = 'Training'"
PREPARING = f"{JOBS} WHERE m.name = 'launching' AND j.preparing LIKE '%Preparing the data%'"
FIXES = {"churn": ("Read spent as currency", "Leave out customer")}
DRAFTS = {
    "draft-of-churn": {
        "target": "left",
        "hp-eta": "0.17",
        "hp-max_depth": "3",
        "hp-num_round": "77",
        "validation": "share",
        "validation_share": "0.3",
        "seed": "11",
        "cost_limit": "1.5",
        "max_runtime": "7200",
        "volume_gb": "40",
        "idle_hours": "24",
        "deploy_metric": "validation:auc",
        "deploy_threshold": "0.8",
        "endpoint_name": "churn-next",
    },
    "draft-of-points": {"data": "points", "algorithm": "kmeans", "hp-k": "4"},
}


def create(client: WebClient, name: str, data: str = "", **more: str) -> None:
    """Create a model as a person does: open the form, change some controls, press Create."""
    page = client.post("/models/create/", form(client, name, data or name, **more))
    errors = page.text.partition('id="form-errors"')[2].partition("</ul>")[0]
    assert page.address.endswith(f"/models/{name}/"), errors or page.text


def form(client: WebClient, name: str, data: str, **more: str) -> dict[str, str]:
    chosen = "".join(f"&{key}={more[key]}" for key in ("algorithm", "target") if key in more)
    page = client.get(f"/models/create/?data=s3://{BUCKET}/{data}.csv&name={name}{chosen}")
    for label in FIXES.get(data, ()):
        fix = buttons(page.text, "fix")[label]
        page = client.post("/models/create/", controls(page.text, "data_uri") | {"fix": fix})
    fields = controls(page.text, "data_uri") | more
    if "deploy_when_done" not in more:
        fields.pop("deploy_when_done", None)
    return fields


def draft(client: WebClient, name: str, data: str = "churn", **more: str) -> str:
    """Leave a form that was begun; the path that opens it again."""
    fields = form(client, name, data, deploy_when_done="on", **more)
    client.post("/models/create/aside/", fields)
    return f"/models/create/?draft={fields['intent']}"


def forms(client: WebClient) -> dict[str, dict[str, str]]:
    """{path: controls} of the drafts, and of the clones of every model there is, as this version opens them."""
    paths = [draft(client, name, **more) for name, more in DRAFTS.items()]
    paths += [f"/models/create/?from={name}" for name in ("churn", "points", "lights", "unclean", "failed", "stopped")]
    return {path: controls(client.get(path).text, "data_uri") for path in paths}


def begin_upload(client: WebClient) -> dict:
    """Send two of the three parts of a file."""
    fields = {name: str(UPLOAD[name]) for name in ("name", "size", "modified")} | {"prefix": "uploads/"}
    begun = json.loads(client.post(f"/buckets/{BUCKET}/uploads/", fields).text)
    for number in (1, 2):
        part = client.put(f"/uploads/{begun['id']}/parts/{number}/", bytes(int(UPLOAD["part"])))
        assert part.status == 204, part.text
    return {"id": begun["id"], "fields": fields, "last": int(UPLOAD["size"]) - 2 * int(UPLOAD["part"])}


def predictions(stack: Stack) -> list[dict[str, str]]:
    """What the endpoint answers to a row by position and to one by name."""
    runtime = stack.client("sagemaker-runtime")
    first = CHURN.decode().splitlines()
    names, cells = first[0].split(",")[1:-1], first[1].split(",")[1:-1]
    named = json.dumps({"instances": [dict(zip(names, cells, strict=True))]})
    calls = [("text/csv", ",".join(cells)), ("application/json", named)]
    answers = []
    for kind, body in calls:
        response = runtime.invoke_endpoint(EndpointName="churn", ContentType=kind, Accept="application/json", Body=body)
        answers.append({"type": kind, "body": body, "answer": response["Body"].read().decode()})
    return answers


def browse(client: WebClient) -> list[str]:
    """Open pages whose parts are cached; their paths."""
    paths = [
        "/endpoints/churn/",
        "/models/create/?from=churn",
        f"/s3/browse/?bucket={BUCKET}&pick=s3://{BUCKET}/churn.csv",
    ]
    assert {client.get(path).status for path in paths} == {200}
    return paths


def external_job(stack: Stack) -> None:
    """A job of another client, which the console only follows."""
    sagemaker = stack.client("sagemaker")
    stack.client("s3").put_object(Bucket=BUCKET, Key="plain/train.csv", Body=b"1,2,3\n0,4,5\n" * 20)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/plain/"}}
    sagemaker.create_training_job(
        TrainingJobName="external-job",
        AlgorithmSpecification={
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
            "TrainingInputMode": "File",
        },
        RoleArn="arn:aws:iam::123456789012:role/SageMakerRole",
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        HyperParameters={"objective": "binary:logistic", "num_round": "5"},
    )
    wait_for(
        lambda: rows(stack, "SELECT 1 FROM models_app_trainingjob WHERE external AND status = 'Completed'"),
        "the console to see the external job end",
        stack.tail,
    )


def remove_channels(stack: Stack, job: str) -> None:
    """Take away what a job is to be trained on."""
    s3, sagemaker = stack.client("s3"), stack.client("sagemaker")
    for channel in sagemaker.describe_training_job(TrainingJobName=job)["InputDataConfig"]:
        bucket, _, prefix = channel["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://").partition("/")
        for result in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=result["Key"])


def wait_for_job(stack: Stack, model: str, status: str) -> str:
    """The name of a model's job once it has `status`."""
    query = f"{JOBS} WHERE m.name = '{model}' AND j.status = '{status}'"
    return wait_for(lambda: rows(stack, query), f"the job of {model} to be {status}", stack.tail, 300)[0][1]


def rows(stack: Stack, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(f"file:{stack.data}/sagewright.sqlite3?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


@contextlib.contextmanager
def frozen(stack: Stack, name: str):
    """The process `name` of the stack, and all it started, take no step inside this block."""
    pids = processes_of(stack.pid(name))
    signal_all(pids, signal.SIGSTOP)
    yield
    signal_all(pids, signal.SIGCONT)


def processes_of(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    results = [pid]
    for process in results:
        results += [child for child, parent in parents.items() if parent == process]
    return results


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_all(stack: Stack) -> None:
    """As when the machine loses its power."""
    signal_all(stack.processes(), signal.SIGKILL)
    process, stack.process = stack.process, None
    if process is not None:
        process.wait()
    wait_for(lambda: not stack.processes(), "every process to be gone")


def pack(data: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for file in sorted(data.rglob("*")):
            name = file.relative_to(data)
            if name.parts[0] not in LEFT_OUT and (file.is_dir() or file.is_file()):
                tar.add(file, str(name), recursive=False, filter=anonymous)
    print(f"{archive}: {archive.stat().st_size:,} bytes")


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main(*sys.argv[1:])
