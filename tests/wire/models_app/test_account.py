"""What preflight asks of the account is answered by the running engine."""

import os
import random
import uuid

import pytest
from django.conf import settings

import preflight
from common.s3_uri import split_s3_uri
from jobs.spec import JobSpec
from models_app import aws
from models_app.aws.account import ConsoleAccount
from models_app.aws.s3_store import S3
from preflight import AccountQueryError, Usage
from preflight.aws_account import AwsAccount
from sagewright.aws import client
from sagewright.cli import main
from sagewright.commands import connection
from sagewright.commands.preflight import CLEAN
from tables import Recipe

pytestmark = pytest.mark.stack


def test_the_engine_answers_for_buckets_roles_and_names(engine, table):
    account = ConsoleAccount()
    bucket = split_s3_uri(table).bucket
    assert account.bucket_region(bucket) == settings.REGION
    assert account.bucket_region(f"nobody-{uuid.uuid4().hex[:12]}") is None
    assert account.role_trusts_sagemaker(settings.ROLE_ARN) is True
    assert account.role_trusts_sagemaker("arn:aws:iam::123456789012:role/Nobody") is None
    assert not account.training_job_exists(f"none-{uuid.uuid4().hex[:8]}")
    assert not account.endpoint_exists(f"none-{uuid.uuid4().hex[:8]}")
    assert account.training_instances("ml.m5.large") == Usage(None)


def test_the_engine_denies_its_roles_nothing_and_simulates_no_others(engine):
    account, actions, resource = AwsAccount(aws.client), ("s3:GetObject",), "arn:aws:s3:::team/a.csv"
    assert account.denied(settings.ROLE_ARN, actions, resource) == []
    with pytest.raises(AccountQueryError, match="What role Nobody may do cannot be simulated"):
        account.denied("arn:aws:iam::123456789012:role/Nobody", actions, resource)


def test_a_whole_job_is_checked_in_the_account(engine, table):
    job = JobSpec(
        name=f"cancer-{uuid.uuid4().hex[:8]}",
        data_uri=table,
        recipe=Recipe(target="target"),
        role_arn=settings.ROLE_ARN,
        region=settings.REGION,
    )
    report = preflight.run(job, S3(), ConsoleAccount())
    assert [f.title for f in report.findings if f.level == "err" or f.unknown] == []
    assert report.complete and report.rows == 569


def test_the_command_reads_from_the_engine(engine, table, capsys):
    client.cache_clear()
    assert main(["preflight", table, "--target", "target", "--no-account"]) == CLEAN
    assert "569 rows read" in capsys.readouterr().out


def test_the_command_of_the_readme_finds_nothing_wrong_with_a_clean_table(engine, table, capsys):
    client.cache_clear()
    chosen = random.Random(1)
    rows = "".join(
        f"{chosen.randint(1, 60)},{chosen.random() * 90:.3f},{chosen.choice('ab')},{chosen.randint(0, 1)}\n"
        for _ in range(600)
    )
    bucket = split_s3_uri(table).bucket
    aws.client("s3").put_object(Bucket=bucket, Key="train.csv", Body=f"months,spend,plan,churned\n{rows}".encode())
    uri = f"s3://{bucket}/train.csv"
    assert main(["preflight", uri, "--target", "churned"]) == CLEAN, capsys.readouterr().out
    assert main(["preflight", uri, "--target", "churned", "--strict"]) == CLEAN, capsys.readouterr().out


def test_the_connection_is_tested_against_the_engine(engine, capsys, monkeypatch):
    client.cache_clear()
    assert main(["test-connection"]) == connection.ANSWERS
    output = capsys.readouterr().out
    assert f"Endpoint     {os.environ['AWS_ENDPOINT_URL']}" in output
    assert output.count("\nok   ") == 3 and "in account 123456789012" in output
    client.cache_clear()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert main(["test-connection"]) == connection.REFUSED
    output = capsys.readouterr().out
    assert output.count("\nerr  ") == 3 and "fix: Check AWS_SECRET_ACCESS_KEY" in output
    client.cache_clear()
