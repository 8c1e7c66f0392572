"""CloudWatch Logs' reading operations, over the log events the engine keeps."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Max, QuerySet

from engine.models import LogEvent
from engine.services.log_events import distinct_names, search_events, take_fitting, with_prefix
from engine.services.log_patterns import InvalidParameterException, matcher
from engine.wire.call import Call
from engine.wire.errors import AwsError
from engine.wire.paging import InvalidToken, read_token, sign_token

PAGE = 50  # groups or streams, the most AWS gives at once
MAX_EVENTS = 10_000
NOT_A_POSITION = "The specified nextToken is invalid."
END = 10**55  # a place behind every event; tokens have 56 digits


class ResourceNotFoundException(AwsError):
    """No log group or stream has the name."""

    code = "ResourceNotFoundException"


class Logs:
    """Groups, streams and events. An event's id is its position in its stream."""

    def describe_log_groups(self, call: Call, request: dict) -> dict:
        if "logGroupNamePrefix" in request and "logGroupNamePattern" in request:
            raise InvalidParameterException(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        part = request.get("logGroupNamePattern", "")
        known = {_name_of(identifier) for identifier in request.get("logGroupIdentifiers", ())}
        rows = LogEvent.objects.filter(region=call.region)
        names = [
            name
            for name in distinct_names(
                rows, "group", request.get("logGroupNamePrefix", ""), _after(request, "log groups")
            )
            if part.lower() in name.lower() and (not known or name in known)
        ]
        if request.get("logGroupClass", "STANDARD") != "STANDARD":
            names = []
        page, next_token = _page(names, request, "log groups")
        return {"logGroups": [_group(call, name, rows) for name in page], **next_token}

    def describe_log_streams(self, call: Call, request: dict) -> dict:
        group = _group_of(request)
        rows = LogEvent.objects.filter(region=call.region, group=group)
        _check_exists(rows, "group")
        prefix, descending = request.get("logStreamNamePrefix", ""), request.get("descending", False)
        list_name = f"log streams of {group} by {request.get('orderBy', 'LogStreamName')}"
        after = _after(request, list_name)
        if request.get("orderBy") == "LastEventTime":
            if prefix:
                raise InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")
            newest = rows.values("stream").annotate(last=Max("id")).order_by("-last" if descending else "last")
            names = [row["stream"] for row in newest]
            if after and after not in names:
                raise InvalidParameterException(NOT_A_POSITION)
            names = names[names.index(after) + 1 :] if after else names
        elif descending:
            names = [n for n in reversed(list(distinct_names(rows, "stream", prefix))) if not after or n < after]
        else:
            names = _first(distinct_names(rows, "stream", prefix, after), _limit(request) + 1)
        page, next_token = _page(names, request, list_name)
        return {"logStreams": [_stream(call, group, name, rows) for name in page], **next_token}

    def get_log_events(self, call: Call, request: dict) -> dict:
        rows = LogEvent.objects.filter(region=call.region, group=_group_of(request))
        _check_exists(rows, "group")
        rows = rows.filter(stream=request["logStreamName"])
        _check_exists(rows, "stream")
        newest = rows.aggregate(last=Max("id"))["last"]
        direction, position = _token(request.get("nextToken", "f/0" if request.get("startFromHead") else f"b/{END}"))
        if "startTime" in request:
            rows = rows.filter(timestamp__gte=request["startTime"])
        if "endTime" in request:
            rows = rows.filter(timestamp__lt=request["endTime"])
        if direction == "f":
            events = take_fitting(rows.filter(id__gt=position).order_by("id"), request.get("limit", MAX_EVENTS))
        else:
            events = take_fitting(
                rows.filter(id__lt=min(position, 2**62)).order_by("-id"), request.get("limit", MAX_EVENTS)
            )[::-1]
        if events:
            first, last = events[0].pk, events[-1].pk
        elif direction == "f":
            first, last = position + 1, position  # asked again, the same token finds what has come meanwhile
        else:
            position = newest + 1 if position == END else position
            first, last = position, max(position - 1, 0)
        return {
            "events": [
                {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested}
                for event in events
            ],
            "nextForwardToken": f"f/{last:056d}",
            "nextBackwardToken": f"b/{first:056d}",
        }

    def filter_log_events(self, call: Call, request: dict) -> dict:
        group = _group_of(request)
        rows, list_name = LogEvent.objects.filter(region=call.region, group=group), f"events of {group}"
        _check_exists(rows, "group")
        names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
        if names and prefix:
            raise InvalidParameterException(
                "logStreamNames and logStreamNamePrefix are mutually exclusive. Give only one of them."
            )
        if names:
            rows = rows.filter(stream__in=names)
        if prefix:
            rows = with_prefix(rows, "stream", prefix)
        if "startTime" in request:
            rows = rows.filter(timestamp__gte=request["startTime"])
        if "endTime" in request:
            rows = rows.filter(timestamp__lte=request["endTime"])
        forward = request.get("startFromHead", True)
        start = ("f", 0) if forward else ("b", END)
        direction, position = _signed(request["nextToken"], list_name) if request.get("nextToken") else start
        rows = (
            rows.filter(id__gt=position).order_by("id")
            if direction == "f"
            else rows.filter(id__lt=min(position, 2**62)).order_by("-id")
        )
        matches, reached = search_events(
            rows, matcher(request.get("filterPattern", "")), prefix or "", request.get("limit", MAX_EVENTS)
        )
        return {
            "events": [
                {
                    "logStreamName": event.stream,
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                    "eventId": f"{event.pk:056d}",
                }
                for event in matches
            ],
            "searchedLogStreams": [],
            **({"nextToken": sign_token(list_name, direction, reached)} if reached else {}),
        }


def _token(token: str) -> tuple[str, int]:
    direction, _, position = token.partition("/")
    if direction not in ("f", "b") or not (position.isascii() and position.isdigit()) or len(position) > 56:
        raise InvalidParameterException(NOT_A_POSITION)
    return direction, int(position)


def _signed(token: str, list_name: str) -> list:
    """The position in a token of `list_name`. Raises InvalidParameterException for any other token."""
    try:
        return read_token(token, list_name)
    except InvalidToken:
        raise InvalidParameterException(NOT_A_POSITION) from None


def _group_of(request: dict) -> str:
    identifiers = [request[name] for name in ("logGroupName", "logGroupIdentifier") if request.get(name)]
    if len(identifiers) != 1:
        raise InvalidParameterException("Exactly one of logGroupName and logGroupIdentifier must be given.")
    return _name_of(identifiers[0])


def _name_of(identifier: str) -> str:
    """The group's name of a name or an ARN such as arn:aws:logs:us-east-1:123456789012:log-group:/a/b:*."""
    return identifier.split(":log-group:", 1)[-1].removesuffix(":*") if identifier.startswith("arn:") else identifier


def _check_exists(rows: QuerySet, kind: str) -> None:
    if not rows.exists():
        raise ResourceNotFoundException(f"The specified log {kind} does not exist.")


def _first(names: Iterable[str], count: int) -> list[str]:
    return [name for name, _ in zip(names, range(count), strict=False)]


def _limit(request: dict) -> int:
    return request.get("limit", PAGE)


def _after(request: dict, list_name: str) -> str:
    """The name that the page follows; "" for the first page."""
    return _signed(request["nextToken"], list_name)[0] if request.get("nextToken") else ""


def _page(names: list[str], request: dict, list_name: str) -> tuple[list[str], dict]:
    page = names[: _limit(request)]
    return page, {"nextToken": sign_token(list_name, page[-1])} if len(names) > len(page) else {}


def _arn(call: Call, group: str) -> str:
    return f"arn:aws:logs:{call.region}:{settings.ENGINE_ACCOUNT}:log-group:{group}"


def _group(call: Call, name: str, rows: QuerySet) -> dict:
    first = rows.filter(group=name).order_by("id").first()
    return {
        "logGroupName": name,
        "creationTime": first.ingested if first else 0,
        "metricFilterCount": 0,
        "arn": f"{_arn(call, name)}:*",
        "logGroupArn": _arn(call, name),
        "logGroupClass": "STANDARD",
    }


def _stream(call: Call, group: str, name: str, rows: QuerySet) -> dict:
    events = rows.filter(stream=name).order_by("id")
    first, last = events[0], events.reverse()[0]
    return {
        "logStreamName": name,
        "creationTime": first.ingested,
        "firstEventTimestamp": first.timestamp,
        "lastEventTimestamp": last.timestamp,
        "lastIngestionTime": last.ingested,
        "arn": f"{_arn(call, group)}:log-stream:{name}",
        "storedBytes": 0,  # CloudWatch has given 0 for streams since 2019
    }
