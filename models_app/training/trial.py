"""Tries people's own code on a few rows: a training job of one minute at most, started by a press, followed by a page.

It is the same job that a launch starts, on the engine and on AWS, with a small program around the code. No worker waits
for it: whoever looks at the page asks SageMaker how far it is.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.timezone import now

from common.messages import _
from common.s3_uri import parse_s3_uri
from jobs import JobSpec
from jobs.code.request import INTERNAL, train_channel
from jobs.code.spec import CodeSpec
from jobs.code.trial import PROGRAM, ROWS, SECONDS, read_result, trial_files, without_result
from jobs.code_plan import CodePlan, plan_code_prepared
from models_app import aws
from models_app.aws import job_spec, names, s3, s3_store
from models_app.models import Trial
from models_app.problems import Problem
from models_app.training.code_source import channel_options, other_files, write_archive
from tables import Inspection

RETENTION = timedelta(days=30)  # of a trial, as of a draft
MAX_LINES = 200  # of a trial's log
LOG_IS_LATE = timedelta(seconds=8)  # CloudWatch may have the last lines only then
OVER = ("Completed", "Failed", "Stopped")


def digest_of(spec: JobSpec) -> str:
    """What changes when a trial of `spec` would be another one."""
    parts = [spec.code, spec.hyperparameters, spec.data_uri, spec.recipe.target, spec.instance_type]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def latest(user, intent: str) -> Trial | None:
    """The latest trial of the form `intent`, of `user`; None when there is none."""
    try:
        key = UUID(str(intent))
    except ValueError:
        return None
    return Trial.objects.filter(owner=user, intent=key).first()


def start(user, intent: str, spec: JobSpec, table: Inspection) -> Trial:
    """Start a trial of `spec` on the first rows of `table`; one of the same form that still runs is stopped.

    Raises Problem when the code cannot run, or SageMaker refuses.
    """
    code = CodeSpec.from_json(spec.code)
    if problems := code.check.problems:
        raise Problem(problems[0].text, "code_text")
    encoded = code.encode(spec.hyperparameters)
    if (before := latest(user, intent)) and not before.ended:
        stop(before)
    name = names.with_suffix(f"{(spec.name if names.is_valid(spec.name) else '') or 'code'}-trial")
    target = spec.recipe.target or table.target_suggestion
    recipe = replace(spec.recipe, target=target)
    short = job_spec.in_account(spec).but(
        name=name, max_runtime=SECONDS, cost_limit=None, instance_count=1, recipe=recipe
    )
    plan = plan_code_prepared(short, {}, {}, encoded)
    _write(plan, code, table, target, encoded)
    trial = Trial.objects.create(owner=user, intent=intent, job_name=name, digest=digest_of(spec))
    try:
        with aws.plain_errors():
            aws.client("sagemaker").create_training_job(**_request(plan, code))
    except Problem as e:
        _end(trial, {"status": "Failed", "reason": e.message, "report": {}, "log": []})
        _delete_folder(plan.folder)
    return trial


def follow(trial: Trial) -> Trial:
    """Bring `trial` up to what SageMaker says of its job. Repeatable. Raises aws.Unavailable."""
    if trial.ended:
        return trial
    try:
        with aws.plain_errors():
            described = aws.client("sagemaker").describe_training_job(TrainingJobName=trial.job_name)
    except aws.NotFound:
        _end(trial, {"status": "Failed", "reason": _("SageMaker has no such job any more."), "report": {}, "log": []})
        return trial
    status = described["TrainingJobStatus"]
    trial.stage = described.get("SecondaryStatus", "")
    if status not in OVER:
        return trial
    lines = _log_lines(trial.job_name)
    report = read_result(lines)
    ended = described.get("TrainingEndTime") or now()
    if not report and settings.BACKEND == "aws" and now() - ended < LOG_IS_LATE:
        return trial
    log = without_result(lines)[-MAX_LINES:]
    reason = described.get("FailureReason", "")
    _end(trial, {"status": status, "stage": trial.stage, "reason": reason, "report": report, "log": log})
    _delete_folder(f"{job_spec.account_options()['output_uri']}/{trial.job_name}")
    return trial


def sweep() -> None:
    """Bring to an end what nobody looked at any more, and forget trials after RETENTION. Repeatable."""
    for trial in Trial.objects.filter(ended=None, created__lt=now() - timedelta(seconds=5 * SECONDS)):
        follow(trial)
    Trial.objects.filter(created__lt=now() - RETENTION).delete()


def stop(trial: Trial) -> None:
    """Stop the job of `trial`. Repeatable; what has ended stays as it is."""
    try:
        with aws.plain_errors():
            aws.client("sagemaker").stop_training_job(TrainingJobName=trial.job_name)
    except aws.Refused:
        return


def _write(plan: CodePlan, code: CodeSpec, table: Inspection, target: str, encoded: dict[str, str]) -> None:
    """Write the first rows and the source archive to the trial's folder."""
    source = s3_store.locate(table.uri)
    function = "tables.first_rows:first_rows"
    rows = s3_store.readers.call(function, source.store, source.uri, source, plan.spec.recipe, ROWS)
    options = channel_options(code, table, target)
    options = {name: values | {"header": True} for name, values in options.items()}
    write_archive(trial_files(code, code.check, other_files(code), options, encoded), plan.source_uri)
    bucket, key = parse_s3_uri(_rows_uri(plan))
    s3.upload(bucket, f"{key}rows.csv", io.BytesIO(rows), "text/csv")


def _rows_uri(plan: CodePlan) -> str:
    return f"{plan.folder}/rows/"


def _request(plan: CodePlan, code: CodeSpec) -> dict[str, Any]:
    required = [channel.name for channel in code.check.channels if channel.required]
    channels = dict.fromkeys(required or [train_channel(code)], _rows_uri(plan))
    types = dict.fromkeys(channels, "text/csv")
    request = plan_code_prepared(plan.spec, channels, types, plan.hyperparameters).training_job()
    request["HyperParameters"][f"{INTERNAL}program"] = json.dumps(PROGRAM)
    return request


def _log_lines(job_name: str) -> list[str]:
    logs = aws.client("logs")
    try:
        with aws.plain_errors():
            streams = logs.describe_log_streams(logGroupName=names.TRAINING_LOGS, logStreamNamePrefix=f"{job_name}/")[
                "logStreams"
            ]
            if not streams:
                return []
            stream = min(s["logStreamName"] for s in streams)
            page = logs.get_log_events(
                logGroupName=names.TRAINING_LOGS, logStreamName=stream, startFromHead=False, limit=2000
            )
    except aws.NotFound:
        return []
    return [event["message"] for event in page["events"]]


def _end(trial: Trial, result: dict[str, Any]) -> None:
    trial.result, trial.ended = result, now()
    Trial.objects.filter(pk=trial.pk, ended=None).update(result=result, ended=trial.ended)


def _delete_folder(uri: str) -> None:
    """Delete what the trial wrote; what cannot be deleted now stays, a few kilobytes in the console's own bucket."""
    bucket, prefix = parse_s3_uri(f"{uri}/")
    try:
        s3.delete_objects(bucket, [o.key for o in s3.objects(bucket, prefix, delimiter="").objects])
    except Problem:
        return
