"""One training job on two machines, which are network namespaces: this process leads, a helper runs in the other."""

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from engine.jobs import runner
from engine.jobs.machines import link
from engine.models import Share, TrainingJob, TrainingMachine
from engine.training import machines
from engine.training.shares import deal
from engine.training.work import TRAINING
from tests.environment import DATA
from tests.machines.network import POSSIBLE, switch
from tests.mortal import Mortal
from tests.stack import ROOT
from tests.waiting import wait_for
from tests.wire.conftest import BUCKET
from tests.wire.test_training_members import (
    MEMBER,
    XGBOOST,
    auc,
    cancer,
    instances,
    log_of,
    parts,
    train,
)  # fmt: skip
from tests.wire.test_training_scripts import run, unpacked

__all__ = ["cancer", "parts", "run", "train"]
pytestmark = pytest.mark.skipif(not POSSIBLE, reason="needs root, iproute2 and /dev/net/tun")


@pytest.fixture(scope="module")
def net():
    with switch(1) as result:
        yield result


@pytest.fixture
def helper(net, transactional_db, gateway_url, settings, monkeypatch):
    """The other machine's worker, which shares the database's file and, by the switch, the object store."""
    settings.MACHINE_ADDRESS, settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = net.address, 0.3, 2.0
    machines.own_address.cache_clear()
    machine = net.machines[0]
    environment = os.environ | {
        "SAGEWRIGHT_DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "SAGEWRIGHT_MACHINE_ADDRESS": machine.address,
        "SAGEWRIGHT_GATEWAY_URL": f"http://{net.address}:{net.forward(urlsplit(gateway_url).port)}",
        "SAGEWRIGHT_DATA": str(DATA / "other-machine"),
        "PYTHONWARNINGS": "ignore",
    }
    command = machine.command(sys.executable, "-m", "tests.machines.helper")
    log = DATA / "helper.log"
    with log.open("wb") as out:
        process = Mortal(*command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    wait_for(TrainingMachine.objects.exists, "the other machine", lambda: log.read_text()[-4000:])
    yield process
    process.end()
    print(log.read_text()[-6000:])
    machines.own_address.cache_clear()


@pytest.fixture
def while_training(monkeypatch):
    """Calls a function in the runner's own thread once the first member has printed a round."""

    def call(action) -> None:
        turn, called = runner.Runner._turn, []

        def watched(self):
            if not called and any("[3]" in event.message for event in self.members[0].journal._events):
                called.append(action())
            turn(self)

        monkeypatch.setattr(runner.Runner, "_turn", watched)

    return call


def lost(name: str) -> TrainingJob:
    """The job, which has lost a machine and waits for another attempt."""
    job = TrainingJob.objects.get(name=name)
    assert (job.status, job.secondary_status, job.worker, job.attempt) == ("InProgress", "Restarting", "", 1)
    assert not Share.objects.exists()
    return job


def test_xgboost_on_two_machines_is_as_good_as_on_one(train, helper, engine, object_store, cancer):
    import xgboost

    def load(content: bytes):
        model = xgboost.Booster(model_file=bytearray(content))
        return lambda rows: model.predict(xgboost.DMatrix(rows))

    one = train("near", XGBOOST, 1)
    several = train("far", XGBOOST, 3, "ShardedByS3Key")
    assert several["TrainingJobStatus"] == "Completed", several.get("FailureReason")
    scores = [auc(object_store, job, cancer, "xgboost-model", load) for job in (one, several)]
    assert scores[1] == pytest.approx(scores[0], abs=0.01)
    for host, rows in (("algo-1", 200), ("algo-2", 100), ("algo-3", 100)):  # two members on the first machine
        assert f"Train matrix has {rows} rows and 30 columns" in "\n".join(log_of(engine, "far", host))
    assert {metric["MetricName"] for metric in several["FinalMetricDataList"]} == {"train:auc", "validation:auc"}
    assert not Share.objects.exists()
    opened = {str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
    assert "/dev/net/tun" not in opened  # two members were here


def test_scripts_meet_by_name_and_what_all_leave_is_packed_together(run, parts, helper, engine, object_store):
    job = run("far-pair", {"train.py": MEMBER}, InputDataConfig=parts, **instances(2))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    files = unpacked(object_store, job["ModelArtifacts"]["S3ModelArtifacts"])
    first, second = (json.loads(files[f"algo-{n}.json"]) for n in (1, 2))
    assert (first["part"], second["part"]) == (["a.csv", "c.csv"], ["b.csv"])
    assert first["heard"] == ["from algo-2", True] and files["both.txt"] == "algo-1"
    for host in ("algo-1", "algo-2"):
        assert f"I am {host} of ['algo-1', 'algo-2'] on eth0" in log_of(engine, "far-pair", host)

    failing = {"Environment": {"FAIL": "second"}}
    job = run("far-failing", {"train.py": MEMBER}, InputDataConfig=parts, **failing, **instances(2))
    assert job["TrainingJobStatus"] == "Failed" and 'ErrorMessage "ValueError: algo-2 gives up"' in job["FailureReason"]
    assert object_store.list_objects_v2(Bucket=BUCKET, Prefix="out/far-failing/")["KeyCount"] == 0


@pytest.mark.long
def test_lightgbm_on_two_machines_is_as_good_as_on_one(train, helper, engine, object_store, cancer):
    import lightgbm

    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-lightgbm:4.7"
    changes = {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}
    values = {"num_boost_round": "15", "learning_rate": "0.2", "metric": "auc"}
    jobs = [train("leaves-near", values, 1, **changes)]
    jobs.append(train("leaves-far", values, 3, "ShardedByS3Key", **changes))
    assert jobs[1]["TrainingJobStatus"] == "Completed", jobs[1].get("FailureReason")
    load = lambda content: lightgbm.Booster(model_str=content.decode()).predict  # noqa: E731
    scores = [auc(object_store, job, cancer, "model.txt", load) for job in jobs]
    assert scores[1] == pytest.approx(scores[0], abs=0.015)


def test_a_lost_machine_takes_the_attempt_with_it_and_the_next_does_without(train, helper, while_training):
    while_training(helper.end)
    train("lost", XGBOOST | {"num_round": "2000"}, 2)
    job = lost("lost")
    wait_for(lambda: not machines.others(1), "the lost machine to be forgotten")
    job.request["HyperParameters"]["num_round"] = "5"
    job.save(update_fields=["request"])
    TRAINING.perform(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempt) == ("Completed", 2)


def test_a_cut_network_is_a_lost_machine(train, helper, net, while_training, monkeypatch):
    monkeypatch.setattr(link, "SILENCE", 3)
    while_training(net.machines[0].pull)
    train("cut", XGBOOST | {"num_round": "2000"}, 2)
    net.machines[0].plug()
    lost("cut")


def test_a_stop_reaches_the_other_machine_and_the_model_so_far_is_kept(train, helper, while_training):
    while_training(lambda: TrainingJob.objects.get(name="far-stopped").move_to("Stopping"))
    job = train("far-stopped", XGBOOST | {"num_round": "5000", "save_model_on_termination": "true"}, 2)
    assert job["TrainingJobStatus"] == "Stopped" and "S3ModelArtifacts" in job["ModelArtifacts"]


def test_members_are_dealt_out_in_their_order():
    assert deal(["a", "b", "c", "d", "e"], 3) == [["a", "b"], ["c", "d"], ["e"]]
    assert deal(["a", "b"], 2) == [["a"], ["b"]]
