"""CloudWatch metrics as boto3 sees them."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from engine.models import MetricDatum
from engine.models.sketch import sketch

NAMESPACE = "/aws/sagemaker/TrainingJobs"
START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HOST = [{"Name": "Host", "Value": "job/algo-1"}]


@pytest.fixture
def cloudwatch(engine):
    return engine.client("cloudwatch")


@pytest.fixture
def curve(db):
    """validation:auc of a job: a value every 20 seconds for two minutes, each the sum of two samples."""
    for n in range(6):
        MetricDatum.objects.create(
            region="us-east-1",
            namespace=NAMESPACE,
            name="validation:auc",
            dimensions="Host=job/algo-1",
            timestamp=START + timedelta(seconds=20 * n),
            count=2,
            sum=n + 0.5,
            minimum=n / 2,
            maximum=n / 2 + 0.5,
        )


def query(stat: str = "Average", period: int = 60, id_: str = "a", **more) -> dict:
    metric = {"Namespace": NAMESPACE, "MetricName": "validation:auc", "Dimensions": HOST}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}} | more


def ask(cloudwatch, *queries, **more):
    return cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=START, EndTime=START + timedelta(minutes=5), **more
    )


def test_metric_data_is_grouped_by_period(cloudwatch, curve):
    wanted = {
        "Average": [0.75, 2.25],
        "Sum": [4.5, 13.5],
        "SampleCount": [6, 6],
        "Minimum": [0, 1.5],
        "Maximum": [1.5, 3],
    }
    for stat, values in wanted.items():
        (result,) = ask(cloudwatch, query(stat), ScanBy="TimestampAscending")["MetricDataResults"]
        assert (result["Id"], result["Label"], result["StatusCode"]) == ("a", "validation:auc", "Complete")
        assert result["Values"] == pytest.approx(values)
        assert result["Timestamps"] == [START, START + timedelta(minutes=1)]


def test_the_newest_comes_first_unless_asked_otherwise_and_several_queries_answer_together(cloudwatch, curve):
    first, second = ask(cloudwatch, query(period=20), query("Sum", id_="b", Label="sums"))["MetricDataResults"]
    assert first["Timestamps"] == sorted(first["Timestamps"], reverse=True) and len(first["Values"]) == 6
    assert (second["Label"], second["Values"]) == ("sums", pytest.approx([13.5, 4.5]))
    assert ask(cloudwatch, query(ReturnData=False))["MetricDataResults"] == []
    other = query()
    other["MetricStat"]["Metric"]["Dimensions"] = []
    assert ask(cloudwatch, other)["MetricDataResults"][0]["Values"] == []


def test_a_curve_is_found_by_the_name_of_its_job_as_the_sdk_asks(cloudwatch, curve):
    MetricDatum.objects.filter(sum=0.5).update(dimensions="Host=job-2/algo-1")
    job = {"Name": "TrainingJobName", "Value": "job"}
    interval = {"StartTime": START, "EndTime": START + timedelta(minutes=5), "Period": 300}
    metric = {"Namespace": NAMESPACE, "MetricName": "validation:auc", "Dimensions": [job]}
    (point,) = cloudwatch.get_metric_statistics(**metric, **interval, Statistics=["SampleCount"])["Datapoints"]
    assert point["SampleCount"] == 10


def test_metric_data_comes_in_pages(cloudwatch, curve):
    queries = [query(period=20), query(period=60, id_="b")]
    pages, token = [], {}
    while True:
        answer = ask(cloudwatch, *queries, MaxDatapoints=4, ScanBy="TimestampAscending", **token)
        pages.append([len(result["Values"]) for result in answer["MetricDataResults"]])
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert pages == [[4, 0], [2, 2]]


def test_queries_that_cannot_be_served_are_refused_by_name(cloudwatch, curve):
    for change, text in (
        ({"Id": "a", "Expression": "SUM(METRICS())"}, "metric math and SQL are not offered"),
        ({"Id": "a"}, "exactly one of MetricStat and Expression"),
        (query("tm99"), "this engine has SampleCount, Average, Sum, Minimum, Maximum and percentiles"),
        (query("p101"), "this engine has SampleCount, Average"),
        (query(period=61), "must be 1, 5, 10, 20, 30 or a multiple of 60"),
    ):
        with pytest.raises(ClientError, match=f"ValidationError.*{text}"):
            ask(cloudwatch, change)
    with pytest.raises(ClientError, match="not unique"):
        ask(cloudwatch, query(), query())


def test_statistics(cloudwatch, curve):
    request = {"Namespace": NAMESPACE, "MetricName": "validation:auc", "Dimensions": HOST, "StartTime": START}
    request |= {"EndTime": START + timedelta(minutes=1), "Period": 60}
    answer = cloudwatch.get_metric_statistics(**request, Statistics=["Average", "Maximum"])
    assert answer["Label"] == "validation:auc"
    assert answer["Datapoints"] == [{"Timestamp": START, "Average": 0.75, "Maximum": 1.5, "Unit": "None"}]
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        cloudwatch.get_metric_statistics(**request)
    with pytest.raises(ClientError, match="percentiles"):
        cloudwatch.get_metric_statistics(**request, ExtendedStatistics=["tm99"])
    with pytest.raises(ClientError, match="Only one of these"):
        cloudwatch.get_metric_statistics(**request, Statistics=["Sum"], ExtendedStatistics=["p99"])
    assert cloudwatch.get_metric_statistics(**request, ExtendedStatistics=["p99"])["Datapoints"] == []
    with pytest.raises(ClientError, match="exceeds the limit of 1,440"):
        cloudwatch.get_metric_statistics(
            **request | {"Period": 1, "EndTime": START + timedelta(days=1)}, Statistics=["Sum"]
        )
    with pytest.raises(ClientError, match="StartTime must be less"):
        cloudwatch.get_metric_statistics(**request | {"EndTime": START}, Statistics=["Sum"])


def test_the_first_period_may_begin_before_time_does(cloudwatch, curve):
    """Periods begin at multiples of their length since 1970, and years at 1: that of the first second answered 500."""
    request = {"Namespace": NAMESPACE, "MetricName": "validation:auc", "Dimensions": HOST, "Period": 35_791_394 * 60}
    answer = cloudwatch.get_metric_statistics(
        **request, StartTime=datetime(1, 1, 1, tzinfo=UTC), EndTime=datetime(2027, 1, 1, tzinfo=UTC), Statistics=["Sum"]
    )
    assert sum(point["Sum"] for point in answer["Datapoints"]) == sum(n + 0.5 for n in range(6))


def test_metrics_are_listed_by_namespace_name_and_dimension_and_in_pages(cloudwatch, curve, monkeypatch):
    for n in range(3):
        MetricDatum.objects.create(
            region="us-east-1",
            namespace="Other",
            name="m",
            dimensions=f"A=x,Host={n}",
            timestamp=START,
            sum=1,
            minimum=1,
            maximum=1,
        )
    monkeypatch.setattr("engine.services.cloudwatch.METRICS_A_PAGE", 2)

    def names(**request):
        pages = cloudwatch.get_paginator("list_metrics").paginate(**request)
        return [(m["MetricName"], len(m["Dimensions"])) for page in pages for m in page["Metrics"]]

    assert names() == [("validation:auc", 1), ("m", 2), ("m", 2), ("m", 2)]
    assert names(Namespace="Other", Dimensions=[{"Name": "Host", "Value": "1"}, {"Name": "A"}]) == [("m", 2)]
    assert names(MetricName="validation:auc", Dimensions=HOST) == [("validation:auc", 1)]
    assert names(Dimensions=[{"Name": "Hos"}]) == [] and names(RecentlyActive="PT3H") == []
    assert names(Namespace="Other", MetricName="m") == [("m", 2)] * 3
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ask(cloudwatch, query(), NextToken="x")


def test_percentiles_over_any_period_are_those_of_all_values(cloudwatch, db):
    """A minute of fast answers, and one with a slow tenth: the hour's percentiles are no mean of the minutes'."""
    minutes = [[1000.0 + n for n in range(100)], [2000.0 + n for n in range(90)] + [50_000.0 + n for n in range(10)]]
    for minute, values in enumerate(minutes):
        figures = {"count": 100, "sum": sum(values), "minimum": min(values), "maximum": max(values)}
        MetricDatum.objects.create(
            region="us-east-1", namespace=NAMESPACE, name="validation:auc", dimensions="Host=job/algo-1",
            timestamp=START + timedelta(minutes=minute), sketch=sketch(values), **figures,
        )  # fmt: skip
    queries = [query(f"p{percent}", 3600, f"p{percent}") for percent in (50, 95, 99, 100)]
    values = [result["Values"][0] for result in ask(cloudwatch, *queries)["MetricDataResults"]]
    assert values == pytest.approx([1099, 2089, 50_007, 50_009], rel=0.011)
    request = {"Namespace": NAMESPACE, "MetricName": "validation:auc", "Dimensions": HOST, "Period": 60}
    request |= {"StartTime": START, "EndTime": START + timedelta(minutes=2), "ExtendedStatistics": ["p99", "p0"]}
    points = sorted(cloudwatch.get_metric_statistics(**request)["Datapoints"], key=lambda point: point["Timestamp"])
    assert [point["ExtendedStatistics"]["p99"] for point in points] == pytest.approx([1098, 50_008], rel=0.011)
