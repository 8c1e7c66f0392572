"""Data capture of an endpoint: its settings, turning it on and off, its storage cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from common import capture_tags
from common.messages import _
from common.s3_uri import split_s3_uri
from jobs.hosting import data_capture_config
from models_app import aws
from models_app.aws import names, requests, s3
from models_app.models import Endpoint
from models_app.problems import Problem
from tables.masking import Mask

FOLDER = "data-capture"
STORAGE_PRICE = 0.023  # US dollars a GB and month of S3 Standard in us-east-1
RECORD = 1024  # bytes that a captured request takes, about
SHARES = (1, 5, 20, 100)
MODES = ("InputAndOutput", "Input", "Output")
COPIED = ("ProductionVariants", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")  # of a configuration


@dataclass(frozen=True)
class Capture:
    """The data capture that SageMaker describes of an endpoint; `share` is a percentage of the requests."""

    is_on: bool
    share: int
    destination: str


def capture_of(endpoint: Endpoint) -> Capture | None:
    """The capture of `endpoint`; None if there never was one."""
    described = (endpoint.described or {}).get("DataCaptureConfig")
    if not described:
        return None
    is_on = described.get("EnableCapture", False) and described.get("CaptureStatus") == "Started"
    return Capture(is_on, described["CurrentSamplingPercentage"], described["DestinationS3Uri"].rstrip("/"))


def maskable_columns(endpoint: Endpoint) -> list[str]:
    """The columns that capture of `endpoint` can mask: the features that its model's schema names."""
    schema = endpoint.model.schema if endpoint.model else {}
    return [column["name"] for column in schema.get("columns", ()) if column["role"] == "feature"]


def change(endpoint: Endpoint, is_on: bool, share: int, mode: str, masked: Sequence[str] = ()) -> None:
    """Have `endpoint` capture `share` percent of its requests from now on without the columns `masked`, or none.

    As on AWS that takes a configuration of its own and an update, during which the endpoint goes on answering. Raises
    Problem while it is changing and where columns are not masked, aws.Refused, aws.Unavailable.
    """
    if endpoint.status != Endpoint.Status.IN_SERVICE:
        raise Problem(_("Endpoint %(name)s is changing. Try again when it is in service.", name=endpoint.name))
    current = capture_of(endpoint)
    destination = current.destination if current else f"s3://{settings.DEFAULT_BUCKET}/{FOLDER}"
    s3.ensure_bucket(split_s3_uri(destination).bucket)
    sagemaker, name = aws.client("sagemaker"), names.with_suffix(endpoint.name)
    with aws.plain_errors():
        in_use = sagemaker.describe_endpoint(EndpointName=endpoint.name)["EndpointConfigName"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=in_use)
        request = {member: config[member] for member in COPIED if config.get(member)}
        request["DataCaptureConfig"] = data_capture_config(destination, share, mode, is_on=is_on)
        tags = [] if endpoint.external else requests.tags(endpoint)
        if tags := tags + _mask_tags(endpoint, masked):
            request["Tags"] = tags
        arn = sagemaker.create_endpoint_config(EndpointConfigName=name, **request)["EndpointConfigArn"]
    try:
        with aws.plain_errors():
            if masked:
                _check_masked(sagemaker.list_tags(ResourceArn=arn, MaxResults=100)["Tags"])
            sagemaker.update_endpoint(EndpointName=endpoint.name, EndpointConfigName=name)
    except (aws.Refused, Problem):
        with suppress(aws.Refused, aws.Unavailable), aws.plain_errors():
            sagemaker.delete_endpoint_config(EndpointConfigName=name)
        raise
    # SageMaker wants a configuration to stay while the endpoint moves away from it.
    endpoint.old_configs = [*endpoint.old_configs, in_use]
    endpoint.config_name = name
    if is_on:  # what was masked stays chosen for the next time that capture is turned on
        endpoint.masked_columns = list(masked)
    endpoint.save(update_fields=["old_configs", "config_name", "masked_columns"])
    endpoint.move_to(Endpoint.Status.UPDATING)
    words = _("Data capture of %(share)s%% of the requests is turned on", share=share)
    endpoint.say(words if is_on else _("Data capture is turned off"))


def _mask_tags(endpoint: Endpoint, masked: Sequence[str]) -> list[dict[str, str]]:
    if not masked:
        return []
    assert endpoint.model, "columns are chosen from the model's schema"
    try:
        tags = capture_tags.to_tags(Mask.of_schema(endpoint.model.schema, masked).encode())
    except ValueError:
        raise Problem(_("These are more columns than can be masked. Capture answers only.")) from None
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _check_masked(tags: Sequence[Mapping[str, Any]]) -> None:
    """Raise Problem unless ListTags says that columns are masked: Amazon SageMaker stores tags and masks nothing."""
    if not any(tag["Key"] == capture_tags.MASKED_TAG for tag in tags):
        raise Problem(
            _("This SageMaker captures whole requests and masks no column. Nothing is captured; capture answers only.")
        )


def monthly_price(endpoint: Endpoint, share: int) -> float:
    """US dollars a month for what `share` percent of the requests of the last 24 hours add to S3 in 30 days, about."""
    return endpoint.requests * 30 * share / 100 * RECORD / 1e9 * STORAGE_PRICE
