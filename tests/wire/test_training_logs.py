"""CloudWatch Logs as boto3 sees it."""

import pytest
from botocore.exceptions import ClientError

from engine.models import LogEvent

GROUP = "/aws/sagemaker/TrainingJobs"
STREAM = "job-a/algo-1-1700000000"


@pytest.fixture
def logs(engine):
    return engine.client("logs")


@pytest.fixture
def written(db):
    """Writes lines into a stream, a second apart from epoch millisecond 1,000,000 on."""

    def write(*lines: str, stream: str = STREAM, group: str = GROUP, region: str = "us-east-1") -> None:
        before = LogEvent.objects.filter(group=group, stream=stream).count()
        LogEvent.objects.bulk_create(
            LogEvent(
                region=region,
                group=group,
                stream=stream,
                timestamp=1_000_000 + 1000 * n,
                ingested=1_000_001 + 1000 * n,
                message=line,
            )
            for n, line in enumerate(lines, start=before)
        )

    return write


def messages(answer) -> list[str]:
    return [event["message"] for event in answer["events"]]


def refused(code: str, text: str, call, **request) -> None:
    with pytest.raises(ClientError) as e:
        call(**request)
    assert e.value.response["Error"] == {"Code": code, "Message": text}


def test_groups_and_streams_that_are_not_there_are_named_as_aws_does(logs, written):
    missing = "The specified log group does not exist."
    for call, more in (
        (logs.describe_log_streams, {}),
        (logs.get_log_events, {"logStreamName": STREAM}),
        (logs.filter_log_events, {}),
    ):
        refused("ResourceNotFoundException", missing, call, logGroupName="/no/such", **more)
    written("a", region="eu-west-1")
    refused("ResourceNotFoundException", missing, logs.describe_log_streams, logGroupName=GROUP)
    written("a")
    gone = "The specified log stream does not exist."
    refused("ResourceNotFoundException", gone, logs.get_log_events, logGroupName=GROUP, logStreamName="x")


def test_groups_are_listed_by_prefix_and_pattern_and_in_pages(logs, written):
    for group in ("/aws/sagemaker/Endpoints/a", "/aws/sagemaker/Endpoints/b", GROUP, "/other"):
        written("a", group=group)
    listed = logs.describe_log_groups()["logGroups"]
    assert [g["logGroupName"] for g in listed] == [
        "/aws/sagemaker/Endpoints/a",
        "/aws/sagemaker/Endpoints/b",
        GROUP,
        "/other",
    ]
    assert listed[2]["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"
    assert listed[2]["creationTime"] == 1_000_001

    def names(**request):
        pages = logs.get_paginator("describe_log_groups").paginate(**request, PaginationConfig={"PageSize": 2})
        return [g["logGroupName"] for page in pages for g in page["logGroups"]]

    assert len(names()) == 4
    assert names(logGroupNamePrefix="/aws/sagemaker/E") == ["/aws/sagemaker/Endpoints/a", "/aws/sagemaker/Endpoints/b"]
    assert names(logGroupNamePattern="trainingjobs") == [GROUP]
    assert names(logGroupIdentifiers=[listed[3]["logGroupArn"]]) == ["/other"]


def test_streams_are_listed_by_name_or_last_event_either_way_round_and_in_pages(logs, written):
    for name in ("b/1", "a/1", "B/1", "b/2", "c/1"):
        written("first", "last", stream=name)
    written("later", stream="b/1")

    def names(size=2, **request):
        paginator = logs.get_paginator("describe_log_streams")
        pages = paginator.paginate(logGroupName=GROUP, **request, PaginationConfig={"PageSize": size})
        return [s["logStreamName"] for page in pages for s in page["logStreams"]]

    assert names() == ["B/1", "a/1", "b/1", "b/2", "c/1"]
    assert names(descending=True) == ["c/1", "b/2", "b/1", "a/1", "B/1"]
    assert names(logStreamNamePrefix="b/") == ["b/1", "b/2"]
    assert names(logStreamNamePrefix="b/", descending=True, size=1) == ["b/2", "b/1"]
    assert names(orderBy="LastEventTime") == ["a/1", "B/1", "b/2", "c/1", "b/1"]
    assert names(orderBy="LastEventTime", descending=True) == ["b/1", "c/1", "b/2", "B/1", "a/1"]
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="b/1")["logStreams"]
    assert stream["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:log-stream:b/1"
    times = {"creationTime": 1_000_001, "firstEventTimestamp": 1_000_000}
    times |= {"lastEventTimestamp": 1_002_000, "lastIngestionTime": 1_002_001}
    assert {name: stream[name] for name in times} == times
    refused(
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
        logs.describe_log_streams,
        logGroupName=GROUP,
        logStreamNamePrefix="b",
        orderBy="LastEventTime",
    )


def test_events_are_read_forwards_until_the_token_stays_the_same(logs, written):
    written(*(f"line {n}" for n in range(7)))
    written("of another", stream="job-b/algo-1-1")
    request = {"logGroupName": GROUP, "logStreamName": STREAM, "startFromHead": True, "limit": 3}
    observed, token = [], None
    while True:
        answer = logs.get_log_events(**request, **({"nextToken": token} if token else {}))
        observed += messages(answer)
        if answer["nextForwardToken"] == token:
            break
        token = answer["nextForwardToken"]
    assert observed == [f"line {n}" for n in range(7)]
    assert token.startswith("f/") and len(token) == 58
    written("line 7")  # a live log: the same token finds what has come since
    assert messages(logs.get_log_events(**request, nextToken=token)) == ["line 7"]


def test_events_are_read_backwards_from_the_end_by_default(logs, written):
    written(*(f"line {n}" for n in range(7)))
    request = {"logGroupName": GROUP, "logStreamName": STREAM, "limit": 3}
    first = logs.get_log_events(**request)
    assert messages(first) == ["line 4", "line 5", "line 6"]
    second = logs.get_log_events(**request, nextToken=first["nextBackwardToken"])
    assert messages(second) == ["line 1", "line 2", "line 3"]
    third = logs.get_log_events(**request, nextToken=second["nextBackwardToken"])
    assert messages(third) == ["line 0"]
    last = logs.get_log_events(**request, nextToken=third["nextBackwardToken"])
    assert messages(last) == [] and last["nextBackwardToken"] == third["nextBackwardToken"]
    assert messages(logs.get_log_events(**request, nextToken=last["nextForwardToken"])) == [
        "line 0",
        "line 1",
        "line 2",
    ]
    refused(
        "InvalidParameterException",
        "The specified nextToken is invalid.",
        logs.get_log_events,
        **request,
        nextToken="x",
    )


def test_times_bound_what_is_read_and_one_answer_is_a_megabyte_at_most(logs, written):
    written(*"abcde")
    request = {"logGroupName": GROUP, "logStreamName": STREAM}
    assert messages(logs.get_log_events(**request, startTime=1_001_000, endTime=1_003_000)) == ["b", "c"]
    nothing = logs.get_log_events(**request, startTime=2_000_000)
    assert messages(nothing) == []
    assert messages(logs.get_log_events(**request, nextToken=nothing["nextBackwardToken"])) == ["a", "b", "c", "d", "e"]
    written(*("x" * 200_000 for _ in range(10)), stream="big")
    answer = logs.get_log_events(logGroupName=GROUP, logStreamName="big", startFromHead=True)
    assert len(answer["events"]) == 5


def test_filter_patterns(logs, written):
    lines = {"a": "ERROR: disk full", "b": "ERROR: net down", "c": "INFO all is well 1", "d": "WARN net slow"}
    written(*lines.values())
    for pattern, result in {
        "": "abcd",
        "ERROR": "ab",
        "ERROR disk": "a",
        '"ERROR: disk"': "a",
        "?disk ?net": "abd",
        "-ERROR": "cd",
        "ERROR -disk": "b",
        '-"all is" ?net': "bd",
        "%ERROR: [dn]%": "ab",
        r"%^INFO.*\d$%": "c",
        "nothing": "",
    }.items():
        answer = logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)
        assert messages(answer) == [lines[name] for name in result], pattern


def test_patterns_that_cannot_be_served_are_refused_by_name(logs, written):
    written("a")
    for pattern, text in {
        "{ $.a = 1 }": "JSON and space-delimited patterns are not offered",
        "[a, b]": "JSON and space-delimited patterns are not offered",
        "foo-bar": r"invalid character\(s\) in term 'foo-bar'. Put it in double quotes",
        '"open': "cannot be read",
        "%(a)%": "holds a character that is not supported",
        "%[%": "cannot be read",
        "%.{1000000000}%": "repeats more than 1000 times",
    }.items():
        with pytest.raises(ClientError, match=f"InvalidParameterException.*Invalid filter pattern.*{text}"):
            logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)


def test_filtering_goes_over_streams_times_and_pages(logs, written):
    for stream in ("job-a/1", "job-a/2", "Job-a/3", "job-b/1"):
        written("one", "two", stream=stream)

    def messages_of(**request):
        paginator = logs.get_paginator("filter_log_events")
        pages = paginator.paginate(logGroupName=GROUP, **request, PaginationConfig={"PageSize": 1})
        return [(e["logStreamName"], e["message"]) for page in pages for e in page["events"]]

    assert len(messages_of()) == 8
    assert messages_of(logStreamNamePrefix="job-a/", filterPattern="two") == [("job-a/1", "two"), ("job-a/2", "two")]
    assert messages_of(logStreamNames=["job-b/1"], startFromHead=False) == [("job-b/1", "two"), ("job-b/1", "one")]
    assert len(messages_of(endTime=1_000_000)) == 4 and len(messages_of(startTime=1_000_001)) == 4
    with pytest.raises(ClientError, match="mutually exclusive"):
        logs.filter_log_events(logGroupName=GROUP, logStreamNames=["a"], logStreamNamePrefix="b")


def test_a_filter_that_takes_long_answers_with_a_token_and_goes_on_there(logs, written, monkeypatch):
    written(*"abc")
    monkeypatch.setattr("engine.services.log_events.MAX_SECONDS", -1.0)
    first = logs.filter_log_events(logGroupName=GROUP, filterPattern="%[bc]%")
    assert messages(first) == [] and first["nextToken"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, filterPattern="%[bc]%")
    assert [message for page in pages for message in messages(page)] == ["b", "c"]
