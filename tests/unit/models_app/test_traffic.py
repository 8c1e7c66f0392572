"""An endpoint's traffic: what CloudWatch is asked, and the charts of what it answers."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.aws.metric_data import MAX_QUERIES, MetricQuery, metric_data
from models_app.endpoints import callers, traffic, traffic_charts, traffic_summary
from models_app.endpoints.traffic import SPANS, Traffic, VariantTraffic, span_of
from models_app.models import Endpoint, TrafficHour

END = datetime(2026, 5, 4, 12, tzinfo=UTC)


class CloudWatch:
    """Answers each query with one point: the number of the call; two pages a call when `pages` is 2."""

    def __init__(self, pages: int = 1, metrics: list[dict] | None = None):
        self.calls: list[dict] = []
        self.pages, self.metrics = pages, metrics or []

    def get_metric_data(self, **request):
        self.calls.append(request)
        results = [
            {"Id": query["Id"], "Timestamps": [END - timedelta(minutes=1)], "Values": [float(len(self.calls))]}
            for query in request["MetricDataQueries"]
        ]
        more = {"NextToken": "more"} if len(self.calls) < self.pages else {}
        return {"MetricDataResults": results, **more}

    def list_metrics(self, **request):
        return {"Metrics": self.metrics}


@pytest.fixture
def cloudwatch(monkeypatch):
    answering = CloudWatch()
    monkeypatch.setattr(aws, "client", lambda service: answering)
    return answering


def test_five_hundred_metrics_cost_one_call_and_one_more_costs_two(cloudwatch):
    for count, calls in ((MAX_QUERIES, 1), (MAX_QUERIES + 1, 2)):
        cloudwatch.calls.clear()
        points = metric_data({n: MetricQuery("N", "m", (), "Sum", 60) for n in range(count)}, END, END)
        assert (len(points), len(cloudwatch.calls)) == (count, calls)
    assert {len(request["MetricDataQueries"]) for request in cloudwatch.calls} == {500, 1}


def test_the_points_of_every_page_are_read(cloudwatch):
    cloudwatch.pages = 2
    assert metric_data({"a": MetricQuery("N", "m", (), "Sum", 60)}, END, END)["a"] == [
        (END - timedelta(minutes=1), 1.0),
        (END - timedelta(minutes=1), 2.0),
    ]


def test_the_traffic_of_two_variants_is_one_call(cloudwatch, monkeypatch):
    monkeypatch.setattr(traffic, "now", lambda: END - timedelta(seconds=30))
    variants = [{"VariantName": "A"}, {"VariantName": "B"}]
    answer = traffic._query_traffic(Endpoint(name="churn", described={"ProductionVariants": variants}), span_of("1h"))
    assert (answer.start, answer.end) == (END - timedelta(hours=1), END)
    assert [variant.name for variant in answer.variants] == ["A", "B"] and answer.requests == 2
    (call,) = cloudwatch.calls
    stats = {(q["MetricStat"]["Metric"]["MetricName"], q["MetricStat"]["Stat"]) for q in call["MetricDataQueries"]}
    assert {("ModelLatency", "p99"), ("Invocation5XXErrors", "Sum"), ("OverheadLatency", "p95")} < stats
    assert answer.variants[0].latencies["p95"] == [(END - timedelta(minutes=1), 0.001)]


def test_callers_are_known_only_where_somebody_counts_them(cloudwatch):
    churn = Endpoint(name="churn")
    assert callers._query_callers(churn, span_of("24h")) == [] and cloudwatch.calls == []
    names = ({"Name": "AccessKeyId", "Value": "AKIA1"}, {"Name": "EndpointName", "Value": "churn"})
    cloudwatch.metrics = [{"Dimensions": [*names, {"Name": "UserName", "Value": "lee"}]}]
    (caller,) = callers._query_callers(churn, span_of("24h"))
    assert (caller.access_key_id, caller.person, caller.requests, caller.share) == ("AKIA1", "lee", 1, 100.0)
    assert caller.last == datetime.fromtimestamp(1, UTC)


def an_hour(requests: int = 60, refused: int = 0) -> Traffic:
    """A request a minute, and none in ten minutes of the hour; as many refused in one of them."""
    start = END - timedelta(hours=1)
    minutes = [start + timedelta(minutes=n) for n in range(60) if not 20 <= n < 30]
    latency = {name: [(at, float(index)) for index, at in enumerate(minutes, 1)] for name in traffic.PERCENTILES}
    errors = [(minutes[0], float(refused))]
    variant = VariantTraffic("A", [(at, 1.0) for at in minutes], errors, [], latency, [])
    return Traffic(SPANS[0], start, END, (variant,))


def test_each_chart_says_what_it_shows_and_has_its_data_as_a_table():
    requests, latency, errors = traffic_charts.charts_of(an_hour(refused=5), [(END - timedelta(minutes=30), "Updated")])
    assert requests.table and latency.table and errors.table
    assert requests.summary == "50 requests in 1 hour; the most in a minute are 1, from 11:00. 11:30: Updated."
    assert 'class="pl-v"' in requests.svg and len(requests.table.rows) == 50
    assert "From 11:59 the model took up to 50 ms for half" in latency.summary
    assert latency.svg.count('class="pl-line') == 6  # three lines in two pieces: nothing is drawn where nobody called
    assert latency.table.columns[1:4] == ["p50", "p95", "p99"]
    assert errors.summary == "5 requests were refused (4xx) and 0 failed (5xx), 10% of all."
    assert errors.table.rows == [["11:00", "A", "5", "0"]]


def test_an_hour_without_errors_says_so():
    errors = traffic_charts.charts_of(an_hour(), [])[-1]
    assert errors.summary == "No request was refused or failed." and errors.table is None


def test_a_single_request_is_one_and_all_of_them_are_100_percent():
    hour = an_hour(refused=1)
    only = dataclasses.replace(hour.variants[0], requests=hour.variants[0].requests[:1])
    requests, _latency, errors = traffic_charts.charts_of(dataclasses.replace(hour, variants=(only,)), [])
    assert requests.summary == "One request in 1 hour, in a minute from 11:00."
    assert errors.summary == "1 request was refused (4xx) and 0 failed (5xx), 100% of all."


@pytest.fixture
def endpoints(db) -> list[Endpoint]:
    """Two endpoints in service for nine days."""
    since = now() - timedelta(days=9)
    rows = [
        Endpoint(name=name, status=Endpoint.Status.IN_SERVICE, status_since=since, created=since)
        for name in ("busy", "quiet")
    ]
    return Endpoint.objects.bulk_create(rows)


class Counted(CloudWatch):
    """`busy` had 30 requests within the last hour, one of them refused, at 12 ms; `quiet` one a week ago."""

    def get_metric_data(self, **request):
        self.calls.append(request)
        values = {"Invocations": 30.0, "Invocation4XXErrors": 1.0, "ModelLatency": 12_000.0}
        results = []
        for query in request["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            value = values.get(metric["MetricName"])
            at = now() - timedelta(minutes=1)
            if metric["Dimensions"][0]["Value"] == "quiet":
                at = now() - timedelta(days=7)
                value = 1.0 if request["StartTime"] < at else None
            points = [(at, value)] if value is not None and request["StartTime"] <= at < request["EndTime"] else []
            results.append(
                {"Id": query["Id"], "Timestamps": [at for at, _ in points], "Values": [v for _, v in points]}
            )
        return {"MetricDataResults": results}


def test_the_figures_of_many_endpoints_are_asked_for_together_and_kept(endpoints, monkeypatch):
    counted = Counted()
    monkeypatch.setattr(aws, "client", lambda service: counted)
    traffic_summary.refresh([row.pk for row in endpoints])
    assert len(counted.calls) == 2  # of all, and of those asked about for the first time what was before
    busy, quiet = Endpoint.objects.order_by("name")
    assert (busy.requests, busy.errors, busy.latency_p95, sum(busy.hours)) == (30, 1, 12.0, 30)
    assert busy.last_request and quiet.last_request
    assert now() - busy.last_request < timedelta(minutes=5) and busy.error_share == pytest.approx(3.33, abs=0.01)
    assert (quiet.requests, quiet.latency_p95) == (0, None) and now() - quiet.last_request > timedelta(days=6)
    assert list(Endpoint.objects.filter(Endpoint.idle(now()))) == [quiet]
    traffic_summary.refresh([row.pk for row in endpoints])
    assert len(counted.calls) == 3


def test_requests_before_an_endpoint_was_created_are_of_another_of_its_name(endpoints, monkeypatch):
    Endpoint.objects.update(created=now() + timedelta(hours=2))
    monkeypatch.setattr(aws, "client", lambda service: Counted())
    traffic_summary.refresh([row.pk for row in endpoints])
    for row in Endpoint.objects.all():
        assert (row.requests, row.errors, row.latency_p95, row.last_request) == (0, 0, None, None)
    assert not TrafficHour.objects.exclude(requests=0, errors=0).exists()


def test_a_cloudwatch_that_refuses_leaves_what_is_known(endpoints, monkeypatch):
    def refuse(service):
        raise aws.Refused("no")

    Endpoint.objects.update(requests=7)
    monkeypatch.setattr(aws, "client", refuse)
    traffic_summary.refresh([row.pk for row in endpoints])
    assert set(Endpoint.objects.values_list("requests", "traffic_at")) == {(7, None)}


def test_a_list_has_its_old_figures_asked_for_once_however_many_people_look(endpoints, monkeypatch):
    calls: list = []
    monkeypatch.setattr(traffic_summary, "enqueue", lambda task, pks, **_: calls.append(pks))
    busy, quiet = endpoints
    quiet.traffic_at = now()
    for _ in range(3):
        traffic_summary.ask_for_stale(endpoints)
    assert calls == [[busy.pk]]
