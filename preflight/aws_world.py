"""The account as a World, asked through boto3 clients that are handed in.

`client("iam")` gives a client. Errors are known by their `response`, as botocore's ClientError carries it, so that
boto3 itself is not imported here. What the caller may not ask, or an engine does not serve, is a CannotTell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from common.messages import _
from preflight.world import CannotTell, Use

Client = Callable[[str], Any]
_GONE = {"NoSuchBucket", "404", "NoSuchKey", "NoSuchEntity", "ResourceNotFound", "NotFound"}
_GONE_TEXTS = ("could not find", "requested resource not found")
_SERVICE = "sagemaker.amazonaws.com"
_RUNNING = ("InProgress", "Stopping")


class AwsWorld:
    """An account and Region behind `client`."""

    def __init__(self, client: Client):
        self._client = client

    def is_amazon(self) -> bool:
        return ".amazonaws.com" in self._client("sagemaker").meta.endpoint_url

    def bucket_region(self, bucket: str) -> str | None:
        """From the answer to HeadBucket, which names the Region even when it is a refusal."""
        try:
            answer = self._ask("s3", "head_bucket", Bucket=bucket)
        except _Refused as e:
            region = e.header("x-amz-bucket-region")
            if e.code in _GONE:
                return None
            if region:
                return region
            raise CannotTell(_("S3 does not say where bucket %(bucket)s is: %(why)s", bucket=bucket, why=e)) from e
        region = answer.get("BucketRegion") or answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
        if region:
            return region
        try:
            found = self._ask("s3", "get_bucket_location", Bucket=bucket)
        except _Refused as e:
            raise CannotTell(_("S3 does not say where bucket %(bucket)s is: %(why)s", bucket=bucket, why=e)) from e
        return found.get("LocationConstraint") or "us-east-1"

    def role_trusts_sagemaker(self, role_arn: str) -> bool | None:
        try:
            role = self._ask("iam", "get_role", RoleName=role_arn.rpartition("/")[2])["Role"]
        except _Refused as e:
            if e.code in _GONE:
                return None
            raise CannotTell(
                _("The trust policy of %(role)s may not be read here: %(why)s", role=role_arn, why=e)
            ) from e
        if role["Arn"] != role_arn:
            return None  # the same name under another path or in another account
        policy = role.get("AssumeRolePolicyDocument", {})
        if isinstance(policy, str):
            policy = json.loads(unquote(policy))
        return any(_trusts(statement) for statement in _several(policy.get("Statement", [])))

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        try:
            answer = self._ask(
                "iam",
                "simulate_principal_policy",
                PolicySourceArn=role_arn,
                ActionNames=list(actions),
                ResourceArns=[resource],
            )
        except _Refused as e:
            raise CannotTell(
                _("What role %(role)s may do cannot be simulated: %(why)s", role=role_arn.rpartition("/")[2], why=e)
            ) from e
        results = answer["EvaluationResults"]
        return [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]

    def key_of(self, bucket: str, key: str) -> str:
        if not key or key.endswith("/"):
            return ""
        try:
            answer = self._ask("s3", "head_object", Bucket=bucket, Key=key)
        except _Refused as e:
            if e.code in _GONE:
                return ""
            raise CannotTell(
                _("How %(uri)s is encrypted cannot be seen: %(why)s", uri=f"s3://{bucket}/{key}", why=e)
            ) from e
        return answer.get("SSEKMSKeyId", "") if answer.get("ServerSideEncryption", "").startswith("aws:kms") else ""

    def training_job_exists(self, name: str) -> bool:
        return self._exists("describe_training_job", TrainingJobName=name)

    def endpoint_exists(self, name: str) -> bool:
        return self._exists("describe_endpoint", EndpointName=name)

    def instance_types(self) -> tuple[str, ...]:
        return tuple(self._client("sagemaker").meta.service_model.shape_for("TrainingInstanceType").enum)

    def allowed_instance_types(self) -> tuple[str, ...] | None:
        return None

    def training_instances(self, instance_type: str) -> Use:
        limit = self._limit(f"{instance_type} for training job usage")
        used = 0
        names = [
            job["TrainingJobName"]
            for status in _RUNNING
            for job in self._pages("list_training_jobs", "TrainingJobSummaries", StatusEquals=status)
        ]
        for name in names:
            resources = self._told("sagemaker", "describe_training_job", TrainingJobName=name).get("ResourceConfig", {})
            if resources.get("InstanceType") == instance_type:
                used += resources.get("InstanceCount", 1)
        return Use(limit, used)

    def endpoint_instances(self, instance_type: str) -> Use:
        limit = self._limit(f"{instance_type} for endpoint usage")
        used = 0
        for endpoint in self._pages("list_endpoints", "Endpoints"):
            about = self._told("sagemaker", "describe_endpoint", EndpointName=endpoint["EndpointName"])
            name = about.get("EndpointConfigName", "")
            config = self._told("sagemaker", "describe_endpoint_config", EndpointConfigName=name) if name else {}
            used += sum(
                variant.get("InitialInstanceCount", 1)
                for variant in config.get("ProductionVariants", [])
                if variant.get("InstanceType") == instance_type
            )
        return Use(limit, used)

    def budget(self) -> Use:
        raise CannotTell(_("The account's budget is not known here."))

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        raise CannotTell(_("Prices are not known here."))

    def _exists(self, operation: str, **names: str) -> bool:
        try:
            self._ask("sagemaker", operation, **names)
        except _Refused as e:
            if e.code in _GONE or str(e).lower().startswith(_GONE_TEXTS):
                return False
            raise CannotTell(
                _("SageMaker does not say whether %(name)s exists: %(why)s", name=next(iter(names.values())), why=e)
            ) from e
        return True

    def _limit(self, quota: str) -> float | None:
        try:
            client = self._client("service-quotas")
            for page in client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker"):
                for one in page["Quotas"]:
                    if one["QuotaName"] == quota:
                        return one["Value"]
        except Exception as e:
            raise _cannot(e, _("Quotas may not be read here")) from e
        raise CannotTell(_("Service Quotas has no quota called %(quota)s.", quota=quota))

    def _pages(self, operation: str, key: str, **given: str) -> Iterable[dict[str, Any]]:
        try:
            for page in self._client("sagemaker").get_paginator(operation).paginate(**given):
                yield from page[key]
        except Exception as e:
            raise _cannot(e, _("What runs now may not be listed here")) from e

    def _told(self, service: str, operation: str, **given: Any) -> dict[str, Any]:
        try:
            return self._ask(service, operation, **given)
        except _Refused as e:
            if e.code in _GONE or str(e).lower().startswith(_GONE_TEXTS):
                return {}  # it ended while we were counting
            raise CannotTell(str(e)) from e

    def _ask(self, service: str, operation: str, **given: Any) -> dict[str, Any]:
        try:
            return getattr(self._client(service), operation)(**given)
        except Exception as e:
            response = getattr(e, "response", None)
            status = (response or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if isinstance(response, dict) and status < 500:
                raise _Refused(response, str(e)) from e
            raise _cannot(e, _("%(service)s did not answer", service=service)) from e


class _Refused(Exception):
    """The account's own no."""

    def __init__(self, response: dict[str, Any], text: str):
        error = response.get("Error", {})
        super().__init__(error.get("Message") or text)
        self.code = error.get("Code", "")
        self._headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})

    def header(self, name: str) -> str:
        return self._headers.get(name, "")


def _cannot(e: Exception, what: str) -> CannotTell:
    return e if isinstance(e, CannotTell) else CannotTell(f"{what}: {' '.join(str(e).split())}")


def _trusts(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _several(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    actions = _several(statement.get("Action", []))
    assumes = any(action in ("sts:AssumeRole", "sts:*", "*") for action in actions)
    return statement.get("Effect") == "Allow" and assumes and (_SERVICE in services or "*" in services)


def _several(one_or_many: Any) -> list[Any]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]
