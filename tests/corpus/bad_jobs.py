"""Jobs that the account would refuse: buckets, roles, names, quotas, money (docs/containers.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.account import AccountQueryError, Usage
from tests.corpus import real
from tests.corpus.bad import Bad, maker, raw_job
from tests.corpus.real import plain

ROLE = "arn:aws:iam::123456789012:role/service-role/SageMakerRole"
TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.p3.2xlarge", "ml.p2.xlarge", "ml.c5.xlarge")


class CorpusAccount:
    """An account in which all is well apart from `facts`. A fact that is an exception is raised."""

    def __init__(self, **facts: Any):
        self._facts = {
            "bucket_region": "us-east-1", "role_trusts_sagemaker": True, "denied": (), "kms_key": "",
            "training_job_exists": (), "endpoint_exists": (), "instance_types": TYPES, "allowed_instance_types": None,
            "training_instances": Usage(4), "endpoint_instances": Usage(4), "budget": Usage(None), "cost": 0.1,
            "is_amazon": False,
        } | facts  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        def answer(*args: Any) -> Any:
            fact = self._facts[name]
            if isinstance(fact, Exception):
                raise fact
            if name == "denied":
                return [action for action in args[1] if action in fact]
            if name in ("training_job_exists", "endpoint_exists"):
                return args[0] in fact
            return fact

        return answer


def _account(title: str, *expect: str, source: str = "", facts: dict | None = None, **more: Any) -> Bad:
    job = raw_job("binary", **{"role_arn": ROLE, "region": "us-east-1", "name": "churn-1"} | more)
    files = {"train/part.csv": plain(real.binary()).encode()}
    return Bad(title, job, files, expect, source=source, account_facts=facts or {"bucket_region": "us-east-1"})


@maker
def account() -> Iterator[Bad]:
    yield _account("no image alone", "image.standalone", facts={"is_amazon": True}, algorithm="lightgbm")
    yield _account("bucket elsewhere", "location.region", source="failure 18", facts={"bucket_region": "eu-west-1"})
    yield _account(
        "bucket redirects",
        "location.region",
        source="failure 19",
        facts={"bucket_region": "eu-central-1"},
        region="us-east-1",
    )
    yield _account("no bucket", "location.region", source="failure 18", facts={"bucket_region": None})
    yield _account(
        "role may not list", "location.permission", source="failure 12", facts={"denied": ("s3:ListBucket",)}
    )
    yield _account("role may not read", "location.permission", source="failure 14", facts={"denied": ("s3:GetObject",)})
    yield _account(
        "role may do nothing",
        "location.permission",
        source="failure 17",
        facts={"denied": ("s3:ListBucket", "s3:GetObject")},
    )
    key = {"kms_key": "arn:aws:kms:us-east-1:123456789012:key/ab", "denied": ("kms:Decrypt",)}
    yield _account("role may not decrypt", "location.permission", source="failure 14", facts=key)
    yield _account("no such role", "account.role", source="failure 20", facts={"role_trusts_sagemaker": None})
    yield _account("role that trusts EC2", "account.role", source="failure 21", facts={"role_trusts_sagemaker": False})
    yield _account("role without trust", "account.role", source="failure 22", facts={"role_trusts_sagemaker": False})
    yield _account("a user for a role", "account.role", role_arn="arn:aws:iam::123456789012:user/ann")
    yield _account("no role", "account.role", role_arn="")
    yield _account(
        "quota of none",
        "account.quota",
        source="failure 23",
        facts={"training_instances": Usage(0)},
        instance_type="ml.p3.2xlarge",
    )
    yield _account("quota used up", "account.quota", source="failure 24", facts={"training_instances": Usage(2, 2)})
    yield _account(
        "more than the quota",
        "account.quota",
        source="failure 24",
        facts={"training_instances": Usage(4)},
        instance_count=8,
    )
    yield _account(
        "no slot for the endpoint",
        "account.quota",
        source="failure 23",
        facts={"endpoint_instances": Usage(0)},
        deploy_when_done=True,
    )
    yield _account(
        "type not in the Region", "compute.instance_type", source="failure 25", instance_type="ml.p4d.24xlarge"
    )
    yield _account(
        "type not allowed",
        "compute.instance_type",
        facts={"allowed_instance_types": ("ml.m5.large",)},
        instance_type="ml.p3.2xlarge",
    )
    yield _account("name taken", "account.name", source="failure 30", facts={"training_job_exists": ("churn-1",)})
    for bad in ("churn_1", "-churn", "churn 1", "c" * 64, "churn.1"):
        yield _account(f"name {bad[:12]}", "account.name", source="failure 30", name=bad)
    yield _account(
        "endpoint taken",
        "account.endpoint",
        facts={"endpoint_exists": ("live",)},
        deploy_when_done=True,
        endpoint_name="live",
    )
    yield _account("endpoint name", "account.endpoint", deploy_when_done=True, endpoint_name="live_now")
    yield _account("budget used up", "account.budget", facts={"budget": Usage(10, 10)})
    yield _account("too dear", "account.budget", facts={"budget": Usage(10, 5), "cost": 9.0})
    unknown = AccountQueryError("iam:SimulatePrincipalPolicy is not allowed.")
    yield _account("nobody may simulate", "location.permission", facts={"denied": unknown})
    yield _account("quotas are hidden", "account.quota", facts={"training_instances": unknown})


@maker
def unpredictable() -> Iterator[Bad]:
    """What no check can know beforehand; kept so that the report counts them."""
    for name, number in (
        ("no capacity just now", 28),
        ("throttled", 33),
        ("crash of the process", 32),
        ("no notebook capacity", 40),
    ):
        bad = _account(name, source=f"failure {number}")
        bad.predictable = False
        yield bad
