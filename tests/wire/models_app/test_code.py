"""The form as programs, run as they are printed: a person pastes them, and they train and deploy on the engine."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from botocore import loaders
from django.conf import settings

from jobs import JobSpec
from jobs.plan import LaunchPlan, plan_launch
from jobs.snippets import programs
from models_app import aws
from models_app.aws import job_spec, s3_store
from models_app.aws import s3 as s3_door
from tables import Recipe
from tests.stack import ROOT

AWS = shutil.which("aws") or (str(p) if (p := ROOT / ".clients" / "bin" / "aws").exists() else "")
NUMBERS = "".join(f"{i % 2},{i % 7},{(i * 3) % 11}\n" for i in range(200))


@pytest.fixture
def fitting(engine) -> str:
    """A table that XGBoost takes as it is: no header, the label first, numbers only."""
    s3_door.ensure_bucket(settings.DEFAULT_BUCKET)  # where jobs write; the console makes it when it prepares a table
    s3, bucket = aws.client("s3"), f"codes-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="train/numbers.csv", Body=NUMBERS.encode())
    return f"s3://{bucket}/train/numbers.csv"


@pytest.fixture
def plan(fitting) -> LaunchPlan:
    name = f"code-{uuid.uuid4().hex[:8]}"
    spec = JobSpec(
        name=name,
        data_uri=fitting,
        recipe=Recipe(validation="none", has_header=False),
        hyperparameters={"num_round": "5"},
        endpoint_name=f"{name}-live",
    )
    launch = plan_launch(job_spec.in_account(spec), s3_store.inspect(spec.data_uri, spec.recipe))
    assert launch.in_place and launch.channels[0].uri == fitting
    return launch


def text(plan: LaunchPlan, key: str) -> str:
    return next(program.code for program in programs(plan) if program.key == key)


def run(engine, *command: str, **variables: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **engine.exports, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(engine, plan: LaunchPlan) -> None:
    """The endpoint that was asked for predicts, and the job ran as the form said."""
    answer = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=plan.endpoint, ContentType="text/csv", Body=b"3,4"
    )
    assert 0 <= float(answer["Body"].read()) <= 1
    sagemaker = engine.client("sagemaker")
    job = sagemaker.list_training_jobs(NameContains=plan.spec.name)["TrainingJobSummaries"][0]["TrainingJobName"]
    described = sagemaker.describe_training_job(TrainingJobName=job)
    planned = plan.training_job()
    for member in ("HyperParameters", "ResourceConfig", "StoppingCondition"):
        assert described[member] == planned[member]
    sagemaker.delete_endpoint(EndpointName=plan.endpoint)


def test_the_boto3_program_trains_and_deploys(engine, plan, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(text(plan, "boto3").replace('"Delay": 10', '"Delay": 1'))  # the engine is quicker than AWS
    assert "Completed" in run(engine, sys.executable, str(program))
    answers(engine, plan)


@pytest.mark.long  # a process of the CLI for each call; tests/unit/jobs/test_snippets.py has what it sends
@pytest.mark.skipif(not AWS, reason="the AWS CLI is not here; `python3 run clients` installs it")
def test_the_aws_cli_program_trains_and_deploys(engine, plan, tmp_path):
    program = tmp_path / "program.sh"
    program.write_text(f"export PATH={Path(AWS).parent}:$PATH\n" + text(plan, "cli"))
    waiters = loaders.Loader().load_service_model("sagemaker", "waiters-2")
    for waiter in waiters["waiters"].values():
        waiter["delay"] = 1  # seconds instead of 30 or 60: the engine is quicker than AWS
    folder = tmp_path / "models" / "sagemaker" / aws.client("sagemaker").meta.service_model.api_version
    folder.mkdir(parents=True)
    (folder / "waiters-2.json").write_text(json.dumps(waiters))
    run(engine, "bash", str(program), AWS_DATA_PATH=str(tmp_path / "models"))
    answers(engine, plan)
