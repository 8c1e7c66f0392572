"""Traffic, log, data capture and load test of an endpoint."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.endpoints.captured import CapturedRequest
from models_app.models import Endpoint


class TrafficOfAnHour:
    """A CloudWatch that counted ten requests a minute ago, all by one key."""

    def get_metric_data(self, MetricDataQueries, EndTime, **_):  # noqa: N803  boto3's names
        at = EndTime - timedelta(minutes=1)
        stats = {"Invocations": 10.0, "Invocation4XXErrors": 2.0, "Invocation5XXErrors": 0.0, "ModelLatency": 4000.0}
        stats |= {"OverheadLatency": 90.0, "CallerInvocations": 10.0, "CallerErrors": 2.0}
        stats["CallerLastInvocation"] = at.timestamp()
        points = [stats[query["MetricStat"]["Metric"]["MetricName"]] for query in MetricDataQueries]
        return {
            "MetricDataResults": [
                {"Id": query["Id"], "Timestamps": [at], "Values": [value]}
                for query, value in zip(MetricDataQueries, points, strict=True)
            ]
        }

    def list_metrics(self, **_):
        names = {"AccessKeyId": "SWKIA7", "EndpointName": "churn", "UserName": "<lee>"}
        return {"Metrics": [{"Dimensions": [{"Name": name, "Value": value} for name, value in names.items()]}]}


@pytest.fixture
def cloudwatch(monkeypatch):
    """Puts what it is given in the place of CloudWatch and its Logs."""
    client = aws.client

    def replace(fake) -> None:
        services = ("cloudwatch", "logs")
        monkeypatch.setattr(aws, "client", lambda name, **more: fake if name in services else client(name, **more))

    return replace


def test_traffic_shows_requests_latency_errors_and_who_called(signed_in, vera, finished, cloudwatch):
    cloudwatch(TrafficOfAnHour())
    browser = signed_in(vera)
    page = browser.get("/endpoints/churn/traffic/?range=1h").text
    assert 'aria-current="true">1 hour</a>' in page and "10 requests in 1 hour" in page
    assert "p95 <b>4 ms</b>" in page and "2 requests were refused (4xx) and 0 failed (5xx), 20% of all." in page
    assert re.search(r"from \d\d:\d\d; p50 4 ms, p99 4 ms", page)  # and not of the whole hour
    assert "SWKIA7" in page and "&lt;lee&gt;" in page and ">100%<" in page
    part = browser.get("/endpoints/churn/traffic/?range=1h", headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'id="traffic"' in part
    assert browser.get("/endpoints/nothing/traffic/").status_code == 404


def test_without_traffic_the_page_has_a_program_that_makes_some(signed_in, vera, finished, cloudwatch):
    class Quiet(TrafficOfAnHour):
        def get_metric_data(self, **_):
            return {"MetricDataResults": []}

    cloudwatch(Quiet())
    page = signed_in(vera).get("/endpoints/churn/traffic/?range=forever").text
    assert "No traffic yet" in page and "within 24 hours" in page and "runtime.invoke_endpoint" in page


def test_a_host_that_counts_no_requests_by_key_is_not_made_up_for(signed_in, vera, finished, cloudwatch):
    class Amazon(TrafficOfAnHour):
        def list_metrics(self, **_):
            return {"Metrics": []}

    cloudwatch(Amazon())
    page = signed_in(vera).get("/endpoints/churn/traffic/").text
    assert "SageMaker counts no requests by key" in page and "SWKIA7" not in page


def test_a_cloudwatch_that_refuses_is_said_instead_of_zero(signed_in, vera, finished, cloudwatch):
    class Closed(TrafficOfAnHour):
        def get_metric_data(self, **_):
            raise aws.Refused("You may not read metrics.")

    cloudwatch(Closed())
    page = signed_in(vera).get("/endpoints/churn/traffic/").text
    assert "You may not read metrics." in page and "No traffic yet" not in page


class LogOfADay:
    """CloudWatch Logs with a model that was loaded, four requests that failed, and Amazon's own line of a fifth."""

    def __init__(self):
        self.searched: list[tuple[str, bool]] = []
        self.times = 1  # that a search finds its line
        text = "Received client error: text/x-evil is not an accepted ContentType: csv, libsvm"
        messages = ["Loaded <model>", *[f"[ERROR] 415 {text}"] * 3, "[ERROR] 504 Your invocation timed out"]
        messages.append('10.32.0.2 - - "POST /invocations HTTP/1.1" 413 90')
        at = int(now().timestamp() * 1000)
        self.events = [
            {"timestamp": at + n, "message": message, "logStreamName": "AllTraffic/i-1"}
            for n, message in enumerate(messages)
        ]

    def describe_log_streams(self, **_):
        return {"logStreams": [{"logStreamName": "AllTraffic/i-1"}]}

    def get_log_events(self, **_):
        return {"events": self.events}

    def filter_log_events(self, filterPattern="", startFromHead=True, **_):  # noqa: N803  boto3's names
        self.searched.append((filterPattern, startFromHead))
        return {"events": self.events[:1] * self.times}


def test_the_log_has_a_search_a_file_and_failed_requests_with_why(signed_in, vera, finished, cloudwatch):
    log = LogOfADay()
    cloudwatch(log)
    browser = signed_in(vera)
    page = browser.get("/endpoints/churn/logs/").text
    assert "Loaded &lt;model&gt;" in page and 'class="ln ln--err"' in page
    assert "The model does not read this content type" in page and page.count(">415<") == 1 and ">3<" in page
    assert ">504<" in page and ">413<" in page
    assert "Loaded &lt;model&gt;" not in browser.get("/endpoints/churn/logs/?show=errors").text
    text = browser.get('/endpoints/churn/logs/?find=a "b"').text
    assert "Loaded &lt;model&gt;" in text and "Following" not in text
    download = browser.get("/endpoints/churn/logs/?download")
    assert b"".join(download.streaming_content).endswith(b"AllTraffic/i-1 Loaded <model>\n")
    assert log.searched == [('"a \\"b\\""', False), ("", True)]  # a search begins with the newest line


def test_a_search_that_pauses_does_not_speak_for_30_days_and_goes_on(
    signed_in, vera, finished, cloudwatch, monkeypatch
):
    monkeypatch.setattr("models_app.aws.log_search.SECONDS", 0)
    log = LogOfADay()
    cloudwatch(log)
    browser = signed_in(vera)
    whole, cut = "No line of the last 30 days holds", "The search stopped"
    log.events = []
    page = browser.get("/endpoints/churn/logs/?find=x").text
    assert whole in page and cut not in page
    pages = {"": "older 1", "older 1": "older 2", "older 2": ""}

    def page_of_answer(nextToken="", **_) -> dict:  # noqa: N803  boto3's name
        return {"events": log.events, "nextToken": pages[nextToken]}

    monkeypatch.setattr(log, "filter_log_events", page_of_answer)
    page = browser.get("/endpoints/churn/logs/?find=x&show=errors").text
    assert whole not in page and cut in page and 'href="?find=x&amp;show=errors&amp;from=older+1"' in page
    log.events = LogOfADay().events
    page = browser.get("/endpoints/churn/logs/?find=x&from=older+1").text
    assert "Loaded &lt;model&gt;" in page and cut in page and "from=older+2" in page
    log.events = []
    page = browser.get("/endpoints/churn/logs/?find=x&from=older+2").text
    assert whole not in page and cut not in page and "No older line of the last 30 days holds" in page


def test_a_file_that_is_not_the_whole_log_says_so(signed_in, vera, finished, cloudwatch, monkeypatch):
    log = LogOfADay()
    cloudwatch(log)
    monkeypatch.setattr("models_app.endpoints.logs.MAX_DOWNLOAD", 1)
    log.times = 2

    def text() -> str:
        return b"".join(signed_in(vera).get("/endpoints/churn/logs/?download").streaming_content).decode()

    assert text().endswith("Loaded <model>\nCut here: a download has at most 1 lines.\n")

    def refuse(**_):
        raise aws.Refused("You may not read logs.")

    log.filter_log_events = refuse
    assert text() == "Cut here: You may not read logs.\n"


def test_an_endpoint_that_logged_nothing_has_no_log_group(signed_in, vera, finished, cloudwatch):
    class Nothing(LogOfADay):
        def describe_log_streams(self, **_):
            raise aws.NotFound("The specified log group does not exist.")

        filter_log_events = describe_log_streams

    cloudwatch(Nothing())
    browser = signed_in(vera)
    assert "No line yet." in browser.get("/endpoints/churn/logs/").text
    assert "holds “x”" in browser.get("/endpoints/churn/logs/?find=x").text


@pytest.fixture
def changes(monkeypatch) -> list[tuple]:
    """What data capture was changed to."""
    calls: list[tuple] = []
    monkeypatch.setattr(
        "models_app.endpoints.capture.change", lambda endpoint, *settings: calls.append((endpoint.name, *settings))
    )
    return calls


CAPTURE = {"EnableCapture": True, "CaptureStatus": "Started", "CurrentSamplingPercentage": 5}
CAPTURE["DestinationS3Uri"] = "s3://bucket/captured"


def test_data_capture_is_turned_on_by_the_owner_who_sees_what_it_costs(signed_in, alice, vera, finished, changes):
    Endpoint.objects.update(requests=1_000_000)
    address = "/endpoints/churn/capture/"
    assert "Turn on data capture" not in signed_in(vera).get(address).text
    browser = signed_in(alice)
    page = browser.get(address).text
    assert "kept nowhere" in page and "100%, adds $0.71 of storage a month" in page
    browser.post(f"{address}change/", {"share": "5", "mode": "Input"})
    assert "Choose a share" in browser.post(f"{address}change/", {"share": "6", "mode": "Input"}, follow=True).text
    Endpoint.objects.update(described={"DataCaptureConfig": CAPTURE})
    browser.post(f"{address}change/", {"off": "1"})
    assert changes == [("churn", True, 5, "Input", []), ("churn", False, 5, "InputAndOutput")]
    part = browser.get(f"{address}?updating", headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"  # the update is over: the settings can be changed again


def test_drift_and_the_last_requests_are_shown(signed_in, vera, finished, monkeypatch):
    columns = [
        {
            "name": name,
            "psi": psi,
            "ks": 0.2,
            "verdict": verdict,
            "training": [9, 1],
            "now": [2, 8],
            "labels": ["1", ""],
        }
        for name, psi, verdict in (("<age>", 0.4, "changed"), ("", 0.01, "same"))
    ]
    drift = {"at": now().isoformat(), "rows": 1200, "columns": columns, "days": [["2026-05-04", 0.4, "<age>"]]}
    Endpoint.objects.update(described={"DataCaptureConfig": CAPTURE}, drift=drift)
    requests = [CapturedRequest(now(), "<b>1,2", "text/csv", "0.25")]
    monkeypatch.setattr("models_app.endpoints.capture_views.captured_requests", lambda *_, **__: iter(requests))
    page = signed_in(vera).get("/endpoints/churn/capture/").text
    assert "5% of the requests go to S3." in page and "&lt;age&gt; changed since training" in page
    assert "1,200 rows of the last 7 days" in page and "Score of the answers" in page and "80.0%" in page
    assert "&lt;b&gt;1,2" in page and "0.25" in page and "with a PSI of 0.40." in page


def test_a_load_test_is_run_by_who_may_send_requests_and_its_result_is_a_sentence(signed_in, alice, vera, finished):
    address = "/endpoints/churn/load/"
    assert signed_in(vera).post(f"{address}run/").status_code == 403
    browser = signed_in(alice)
    assert "from 1 to 16 callers" in browser.get(address).text
    assert "here in about 20 seconds" in browser.post(f"{address}run/", follow=True).text
    assert "Another load test runs." in browser.post(f"{address}run/", follow=True).text
    figures = {"p50": 1.0, "p95": 4.2, "p99": 9.0, "requests": 400, "errors": 0}
    steps = [{"callers": 1, "rate": 90.0} | figures, {"callers": 2, "rate": 140.0} | figures]
    Endpoint.objects.update(load_test={"began": now().isoformat(), "by": "<lee>", "steps": steps})
    slow = Endpoint.objects.create(name="slow", load_test={"began": "", "steps": [steps[0] | {"rate": 0.44}]})
    assert "It holds 0.4 requests a second, from one caller," in browser.get(f"/endpoints/{slow}/load/").text
    page = signed_in(vera).get(address).text
    assert "It holds 140 requests a second, from 2 callers at once, and answers 95 of 100 in 4.2 ms." in page
    assert "Run load test" not in page
