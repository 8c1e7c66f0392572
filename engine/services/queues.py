"""SQS, as far as it takes to receive the events of this engine: one queue, which EventBridge would fill on AWS."""

import hashlib
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from engine import event_queue
from engine.wire.call import Call
from engine.wire.errors import AwsError, NotServed

MOST = 10  # messages of one answer, as on AWS


class Queues:
    """The operations of a receiver. Nothing can be sent: the engine alone does."""

    def get_queue_url(self, call: Call, request: dict) -> dict:
        _check(request["QueueName"])
        return {"QueueUrl": url(call.region)}

    def list_queues(self, call: Call, request: dict) -> dict:
        prefix = request.get("QueueNamePrefix", "")
        return {"QueueUrls": [url(call.region)] if event_queue.NAME.startswith(prefix) else []}

    def receive_message(self, call: Call, request: dict) -> dict:
        _check(_name(request))
        count, seconds = request.get("MaxNumberOfMessages", 1), request.get("WaitTimeSeconds", 0)
        if not 1 <= count <= MOST:
            raise _invalid("MaxNumberOfMessages", count, "between 1 and 10, if provided")
        if not 0 <= seconds <= 20:
            raise _invalid("WaitTimeSeconds", seconds, "from 0 to 20, if provided")
        if request.get("VisibilityTimeout", event_queue.VISIBILITY) != event_queue.VISIBILITY:
            raise NotServed(f"The VisibilityTimeout of this engine's queue is {event_queue.VISIBILITY} seconds.")
        messages = _ask(event_queue.receive, count, seconds)
        return {"Messages": [_message(*message) for message in messages]} if messages else {}

    def delete_message(self, call: Call, request: dict) -> dict:
        _check(_name(request))
        _ask(event_queue.delete, [_receipt(request["ReceiptHandle"])])
        return {}

    def delete_message_batch(self, call: Call, request: dict) -> dict:
        _check(_name(request))
        entries = request["Entries"]
        if not 1 <= len(entries) <= MOST:
            text = f"Maximum number of entries per request are {MOST}. You have sent {len(entries)}."
            raise AwsError(text, "TooManyEntriesInBatchRequest" if entries else "EmptyBatchRequest")
        _ask(event_queue.delete, [_receipt(entry["ReceiptHandle"]) for entry in entries])
        return {"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []}

    def get_queue_attributes(self, call: Call, request: dict) -> dict:
        _check(_name(request))
        attributes = {
            "QueueArn": f"arn:aws:sqs:{call.region}:{settings.ENGINE_ACCOUNT}:{event_queue.NAME}",
            "VisibilityTimeout": str(event_queue.VISIBILITY),
            "ApproximateNumberOfMessages": str(_ask(event_queue.waiting)),
        }
        names = request.get("AttributeNames", [])
        return {"Attributes": {n: v for n, v in attributes.items() if n in names or "All" in names}}


def url(region: str) -> str:
    """The address of the queue, as AWS writes it. Clients send requests to the endpoint that they have."""
    return f"https://sqs.{region}.amazonaws.com/{settings.ENGINE_ACCOUNT}/{event_queue.NAME}"


def _name(request: dict) -> str:
    return request["QueueUrl"].rstrip("/").rpartition("/")[2]


def _check(name: str) -> None:
    if name != event_queue.NAME:
        raise AwsError(
            f"The specified queue does not exist. This engine has one queue, {event_queue.NAME}.", "QueueDoesNotExist"
        )


def _receipt(handle: str) -> str:
    if not all(part.isdigit() for part in handle.split("-")) or handle.count("-") != 1:
        raise AwsError(f'The input receipt handle "{handle}" is not a valid receipt handle.', "ReceiptHandleIsInvalid")
    return handle


def _message(receipt: str, body: str) -> dict[str, Any]:
    md5 = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": receipt, "ReceiptHandle": receipt, "MD5OfBody": md5, "Body": body}


def _ask(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except RedisError as e:
        raise AwsError(f"The queue does not answer: {e}", "ServiceUnavailable", 503) from None


def _invalid(name: str, value: int, rule: str) -> AwsError:
    return AwsError(f"Value {value} for parameter {name} is invalid. Reason: Must be {rule}.", "InvalidParameterValue")
