"""The account behind a set of boto3 clients.

Errors are recognised by their `response`, as botocore's ClientError carries it, so that this package does not import
boto3. A query that the caller may not make, or that an engine does not serve, raises AccountQueryError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from common.messages import _
from preflight.account import AccountQueryError, Usage

Client = Callable[[str], Any]
_GONE = {"NoSuchBucket", "404", "NoSuchKey", "NoSuchEntity", "ResourceNotFound", "NotFound"}
_GONE_TEXTS = ("could not find", "requested resource not found")
_SERVICE = "sagemaker.amazonaws.com"
_RUNNING = ("InProgress", "Stopping")


class AwsAccount:
    """The account and Region of `client`, a function from a service's name (`iam`) to its boto3 client."""

    def __init__(self, client: Client):
        self._client = client

    def is_amazon(self) -> bool:
        """Return True if the SageMaker endpoint is one of Amazon's."""
        return ".amazonaws.com" in self._client("sagemaker").meta.endpoint_url

    def bucket_region(self, bucket: str) -> str | None:
        """Return the Region that HeadBucket answers with, which it also does when it refuses access."""
        try:
            answer = self._call("s3", "head_bucket", Bucket=bucket)
        except _ServiceError as e:
            region = e.header("x-amz-bucket-region")
            if e.code in _GONE:
                return None
            if region:
                return region
            raise AccountQueryError(
                _("S3 does not say where bucket %(bucket)s is: %(why)s", bucket=bucket, why=e)
            ) from e
        region = answer.get("BucketRegion") or answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
        if region:
            return region
        try:
            location = self._call("s3", "get_bucket_location", Bucket=bucket)
        except _ServiceError as e:
            raise AccountQueryError(
                _("S3 does not say where bucket %(bucket)s is: %(why)s", bucket=bucket, why=e)
            ) from e
        return location.get("LocationConstraint") or "us-east-1"

    def role_trusts_sagemaker(self, role_arn: str) -> bool | None:
        """Return whether the role's trust policy lets SageMaker assume it; None when there is no such role."""
        try:
            role = self._call("iam", "get_role", RoleName=role_arn.rpartition("/")[2])["Role"]
        except _ServiceError as e:
            if e.code in _GONE:
                return None
            raise AccountQueryError(
                _("The trust policy of %(role)s may not be read here: %(why)s", role=role_arn, why=e)
            ) from e
        if role["Arn"] != role_arn:
            return None  # the same name under another path or in another account
        policy = role.get("AssumeRolePolicyDocument", {})
        if isinstance(policy, str):
            policy = json.loads(unquote(policy))
        return any(_trusts(statement) for statement in _as_list(policy.get("Statement", [])))

    def denied(self, role_arn: str, actions: tuple[str, ...], resource: str) -> list[str]:
        """Return those of `actions` that IAM's policy simulation does not allow the role on `resource`."""
        try:
            answer = self._call(
                "iam",
                "simulate_principal_policy",
                PolicySourceArn=role_arn,
                ActionNames=list(actions),
                ResourceArns=[resource],
            )
        except _ServiceError as e:
            raise AccountQueryError(
                _("What role %(role)s may do cannot be simulated: %(why)s", role=role_arn.rpartition("/")[2], why=e)
            ) from e
        results = answer["EvaluationResults"]
        return [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]

    def kms_key(self, bucket: str, key: str) -> str:
        """Return the ARN of the KMS key from HeadObject; "" for a prefix and for an object without one."""
        if not key or key.endswith("/"):
            return ""
        try:
            answer = self._call("s3", "head_object", Bucket=bucket, Key=key)
        except _ServiceError as e:
            if e.code in _GONE:
                return ""
            raise AccountQueryError(
                _("How %(uri)s is encrypted cannot be seen: %(why)s", uri=f"s3://{bucket}/{key}", why=e)
            ) from e
        return answer.get("SSEKMSKeyId", "") if answer.get("ServerSideEncryption", "").startswith("aws:kms") else ""

    def training_job_exists(self, name: str) -> bool:
        """Return True if DescribeTrainingJob knows `name`."""
        return self._exists("describe_training_job", TrainingJobName=name)

    def endpoint_exists(self, name: str) -> bool:
        """Return True if DescribeEndpoint knows `name`."""
        return self._exists("describe_endpoint", EndpointName=name)

    def instance_types(self) -> tuple[str, ...]:
        """Return the values of TrainingInstanceType in boto3's service model."""
        return tuple(self._client("sagemaker").meta.service_model.shape_for("TrainingInstanceType").enum)

    def allowed_instance_types(self) -> tuple[str, ...] | None:
        """Return None: the account restricts no types."""
        return None

    def training_instances(self, instance_type: str) -> Usage:
        """Return the Service Quotas value, and the instances of the training jobs that run or stop now."""
        limit = self._limit(f"{instance_type} for training job usage")
        used = 0
        names = [
            job["TrainingJobName"]
            for status in _RUNNING
            for job in self._pages("list_training_jobs", "TrainingJobSummaries", StatusEquals=status)
        ]
        for name in names:
            resources = self._describe("sagemaker", "describe_training_job", TrainingJobName=name).get(
                "ResourceConfig", {}
            )
            if resources.get("InstanceType") == instance_type:
                used += resources.get("InstanceCount", 1)
        return Usage(limit, used)

    def endpoint_instances(self, instance_type: str) -> Usage:
        """Return the Service Quotas value, and the instances of all endpoints."""
        limit = self._limit(f"{instance_type} for endpoint usage")
        used = 0
        for endpoint in self._pages("list_endpoints", "Endpoints"):
            about = self._describe("sagemaker", "describe_endpoint", EndpointName=endpoint["EndpointName"])
            name = about.get("EndpointConfigName", "")
            config = self._describe("sagemaker", "describe_endpoint_config", EndpointConfigName=name) if name else {}
            used += sum(
                variant.get("InitialInstanceCount", 1)
                for variant in config.get("ProductionVariants", [])
                if variant.get("InstanceType") == instance_type
            )
        return Usage(limit, used)

    def budget(self) -> Usage:
        """Raise AccountQueryError: AWS Budgets is not queried."""
        raise AccountQueryError(_("The account's budget is not known here."))

    def cost(self, instance_type: str, seconds: float, count: int) -> float:
        """Raise AccountQueryError: the AWS price list is not queried."""
        raise AccountQueryError(_("Prices are not known here."))

    def _exists(self, operation: str, **names: str) -> bool:
        try:
            self._call("sagemaker", operation, **names)
        except _ServiceError as e:
            if e.code in _GONE or str(e).lower().startswith(_GONE_TEXTS):
                return False
            raise AccountQueryError(
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
            raise _query_error(e, _("Quotas may not be read here")) from e
        raise AccountQueryError(_("Service Quotas has no quota called %(quota)s.", quota=quota))

    def _pages(self, operation: str, key: str, **parameters: str) -> Iterable[dict[str, Any]]:
        try:
            for page in self._client("sagemaker").get_paginator(operation).paginate(**parameters):
                yield from page[key]
        except Exception as e:
            raise _query_error(e, _("What runs now may not be listed here")) from e

    def _describe(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self._call(service, operation, **parameters)
        except _ServiceError as e:
            if e.code in _GONE or str(e).lower().startswith(_GONE_TEXTS):
                return {}  # it ended during the count
            raise AccountQueryError(str(e)) from e

    def _call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            return getattr(self._client(service), operation)(**parameters)
        except Exception as e:
            response = getattr(e, "response", None)
            status = (response or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if isinstance(response, dict) and status < 500:
                raise _ServiceError(response, str(e)) from e
            raise _query_error(e, _("%(service)s did not answer", service=service)) from e


class _ServiceError(Exception):
    """An error response of an AWS service."""

    def __init__(self, response: dict[str, Any], text: str):
        error = response.get("Error", {})
        super().__init__(error.get("Message") or text)
        self.code = error.get("Code", "")
        self._headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})

    def header(self, name: str) -> str:
        """Return an HTTP header of the response; "" when it has none."""
        return self._headers.get(name, "")


def _query_error(e: Exception, what: str) -> AccountQueryError:
    return e if isinstance(e, AccountQueryError) else AccountQueryError(f"{what}: {' '.join(str(e).split())}")


def _trusts(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _as_list(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    actions = _as_list(statement.get("Action", []))
    assumes = any(action in ("sts:AssumeRole", "sts:*", "*") for action in actions)
    return statement.get("Effect") == "Allow" and assumes and (_SERVICE in services or "*" in services)


def _as_list(one_or_many: Any) -> list[Any]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]
