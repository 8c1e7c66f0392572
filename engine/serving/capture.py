"""Data capture: requests and answers in SageMaker's own format, written to S3 apart from the way of a prediction.

A request that is captured costs its own answer an append to a queue. The queue holds a bounded number of bytes; what
does not fit is dropped and counted, so that no answer waits for the object store.
"""

import base64
import json
import logging
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from common.s3_uri import split_s3_uri
from engine import store
from tables.masking import Mask

MAX_BYTES = 16 * 1024**2  # of bodies that wait to be written, in this process
MAX_OBJECT = 1024**2  # bytes of an object from which on the next record begins another
OVERFLOW = f"more came than the {MAX_BYTES // 1024**2} MB that can wait to be written"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaptureSettings:
    """The settings of a DataCaptureConfig: share of the requests, captured sides, destination, masked columns."""

    share: float
    destination: str
    input: bool
    output: bool
    csv: frozenset[str]
    json: frozenset[str]
    mask: Mask | None = None

    @classmethod
    def of_config(cls, config: dict[str, Any] | None) -> "CaptureSettings | None":
        """The settings of a DataCaptureConfig; None for none, and for one that is off."""
        if not config or not config.get("EnableCapture"):
            return None
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        types = config.get("CaptureContentTypeHeader", {})
        return cls(
            config["InitialSamplingPercentage"] / 100,
            config["DestinationS3Uri"].rstrip("/"),
            bool(modes & {"Input", "InputAndOutput"}),
            bool(modes & {"Output", "InputAndOutput"}),
            frozenset(types.get("CsvContentTypes", ())),
            frozenset(types.get("JsonContentTypes", ())),
            Mask.decode(config["Mask"]) if config.get("Mask") else None,
        )


class Source(NamedTuple):
    """The variant of an endpoint that answered."""

    region: str
    endpoint: str
    variant: str


class Captured(NamedTuple):
    """One request and its answer; `headers` are the request's."""

    settings: CaptureSettings
    source: Source
    headers: dict[str, str]
    body: bytes
    answer: bytes
    answer_type: str
    at: datetime


Lost = dict[tuple[Source, str], int]  # how many requests of a source were not captured, by the reason
_waiting: list[Captured] = []
_dropped: Lost = defaultdict(int)
_bytes = 0


def offer(
    settings: CaptureSettings, source: Source, headers: dict[str, str], body: bytes, answer: bytes, answer_type: str
) -> None:
    """Keep a request and its answer for the next write, if the sample has it and it fits."""
    global _bytes
    if random.random() >= settings.share:  # noqa: S311  # a sample, not a secret
        return
    size = len(body) + len(answer)
    if _bytes + size > MAX_BYTES:
        _dropped[source, OVERFLOW] += 1
        return
    _bytes += size
    now = datetime.now(UTC)
    _waiting.append(Captured(settings, source, headers, body, answer, answer_type, now))


def drain() -> tuple[list[Captured], Lost]:
    """(what waits, what was dropped) since the last call, cleared."""
    global _bytes
    drained = (list(_waiting), dict(_dropped))
    _waiting.clear()
    _dropped.clear()
    _bytes = 0
    return drained


def write(captured: list[Captured]) -> Lost:
    """Write objects of about MAX_OBJECT for each variant and hour; returns what could not be written."""
    objects: dict[tuple[Source, str], list[Captured]] = defaultdict(list)
    for one in captured:
        objects[one.source, _folder(one)].append(one)
    failed: Lost = defaultdict(int)
    for (source, folder), records in objects.items():
        bucket, key = split_s3_uri(folder)
        for at, lines in _parts(records):
            name = f"{at:%M-%S}-{at.microsecond // 1000:03}-{uuid4()}.jsonl"
            try:
                store.client().put_object(Bucket=bucket, Key=f"{key}/{name}", Body=b"".join(lines))
            except (BotoCoreError, ClientError) as e:
                log.warning("could not write %s captured requests of endpoint %s: %s", len(lines), source.endpoint, e)
                why = e.response["Error"].get("Code", "") if isinstance(e, ClientError) else ""
                failed[source, f"s3://{bucket} cannot be written now{f' ({why})' if why else ''}"] += len(lines)
    return failed


def _parts(records: list[Captured]) -> Iterator[tuple[datetime, list[bytes]]]:
    """(time of the first record, lines) of each object."""
    lines: list[bytes] = []
    size, at = 0, records[0].at
    for one in records:
        if size >= MAX_OBJECT:
            yield at, lines
            lines, size, at = [], 0, one.at
        lines.append(f"{json.dumps(record(one), ensure_ascii=False)}\n".encode())
        size += len(lines[-1])
    yield at, lines


def record(captured: Captured) -> dict[str, Any]:
    """A captured request as a line of SageMaker's files."""
    settings, data = captured.settings, {}
    if settings.input:
        observed = captured.headers.get("content-type", "")
        body = settings.mask.request(captured.body, observed) if settings.mask else captured.body
        data["endpointInput"] = _side(settings, "INPUT", body, observed)
    if settings.output:
        kind = captured.answer_type
        answer = settings.mask.answer(captured.answer, kind) if settings.mask else captured.answer
        data["endpointOutput"] = _side(settings, "OUTPUT", answer, kind)
    metadata = {"eventId": str(uuid4()), "inferenceTime": f"{captured.at:%Y-%m-%dT%H:%M:%SZ}"}
    if inference_id := captured.headers.get("x-amzn-sagemaker-inference-id"):
        metadata["inferenceId"] = inference_id
    return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}


def _side(settings: CaptureSettings, mode: str, body: bytes, observed: str) -> dict[str, str]:
    """A body as text where the settings name its content type, else in Base64."""
    kind = observed.partition(";")[0].strip().lower()
    encoding = "CSV" if kind in settings.csv else "JSON" if kind in settings.json else "BASE64"
    try:
        data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        encoding, data = "BASE64", base64.b64encode(body).decode()
    return {"observedContentType": observed, "mode": mode, "data": data, "encoding": encoding}


def _folder(captured: Captured) -> str:
    source = captured.source
    return f"{captured.settings.destination}/{source.endpoint}/{source.variant}/{captured.at:%Y/%m/%d/%H}"
