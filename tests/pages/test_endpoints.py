"""Endpoints: the list, one endpoint's page, calling it, deleting it."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.endpoints.actions import Invocation
from models_app.endpoints.captured import CapturedRequest
from models_app.endpoints.metrics import RequestCounts
from models_app.models import Endpoint, Model
from models_app.problems import Declined

ASK = {"body": "1,2\r\n3,4", "content_type": "text/csv", "accept": "application/json"}


@pytest.fixture
def sent_requests(monkeypatch) -> list[tuple]:
    """What the endpoint was asked; it answers 0.83."""
    observed: list[tuple] = []

    def invoke(endpoint, body, content_type="text/csv", accept="text/csv"):
        observed.append((endpoint.name, body, content_type, accept))
        return Invocation(200, b"0.83", "text/csv", 12.4, "AllTraffic", {})

    monkeypatch.setattr("models_app.endpoints.actions.invoke", invoke)
    return observed


def test_the_list_tells_status_model_and_owner(signed_in, vera, finished):
    page = signed_in(vera).get("/endpoints/").text
    assert "In service" in page
    assert 'href="/models/churn/"' in page
    assert "alice" in page
    assert "/endpoints/churn/delete/" not in page


def test_the_page_has_a_form_and_code_in_three_languages(signed_in, alice, finished):
    browser = signed_in(alice)
    page = browser.get("/endpoints/churn/").text
    assert "One feature: age." in page
    assert "runtime.invoke_endpoint" in page
    assert "invoke-endpoint" in browser.get("/endpoints/churn/?code=cli").text
    assert "--aws-sigv4" in browser.get("/endpoints/churn/?code=curl").text
    assert "boto3" in browser.get("/endpoints/churn/?code=cobol").text


def test_the_example_row_fits_the_model(signed_in, alice, finished):
    finished.schema = {
        "columns": [{"name": n, "kind": "number", "role": "feature"} for n in ("age", "plan", "calls", "fee", "years")],
        "features": ["age", "plan", "calls", "fee", "years"],
    }
    finished.save(update_fields=["schema"])
    page = signed_in(alice).get("/endpoints/churn/").text
    row = re.search(r'id="body"[^>]* placeholder="([^"]+)"', page)[1]
    assert len(row.split(",")) == 5
    assert f"Body=<u>&quot;{row}&quot;</u>" in page


def test_a_request_is_sent_as_typed_and_its_answer_shown(signed_in, alice, finished, sent_requests):
    browser = signed_in(alice)
    part = browser.post("/endpoints/churn/invoke/", ASK, headers={"HX-Request": "true"}).text
    assert sent_requests == [("churn", b"1,2\n3,4", "text/csv", "application/json")]
    assert "0.83" in part
    assert "12 ms, variant AllTraffic" in part
    assert "<html" not in part
    whole = browser.post("/endpoints/churn/invoke/", ASK).text
    assert "<html" in whole
    assert "0.83" in whole
    assert "1,2" in whole


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": " \n"}, "The request body is empty"),
        ({"body": "1" * (6 * 1024 * 1024 + 1)}, "over 6 MB"),
        ({"content_type": "text/x-evil"}, "Choose a content type"),
    ],
)
def test_what_cannot_be_sent_is_not_sent(signed_in, alice, finished, sent_requests, change, words):
    response = signed_in(alice).post("/endpoints/churn/invoke/", ASK | change)
    assert response.status_code == 422
    assert words in response.text
    assert sent_requests == []


def test_a_refusal_shows_its_status_and_the_container_s_own_words(signed_in, alice, finished, monkeypatch):
    def decline(*args, **kwargs):
        raise Declined("The model wants 1 feature and got 2.", 415, "feature mismatch <1>")

    monkeypatch.setattr("models_app.endpoints.actions.invoke", decline)
    response = signed_in(alice).post("/endpoints/churn/invoke/", ASK, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "415 refused" in response.text
    assert "The model does not read this content type" in response.text
    assert "feature mismatch &lt;1&gt;" in response.text


def test_deleting_asks_first(signed_in, alice, bob, finished, monkeypatch):
    gone: list[str] = []
    monkeypatch.setattr("models_app.endpoints.actions.delete", lambda endpoint: gone.append(endpoint.name))
    assert signed_in(bob).get("/endpoints/churn/delete/").status_code == 403
    browser = signed_in(alice)
    assert "serves model churn" in browser.get("/endpoints/churn/delete/").text
    assert gone == []
    assert "Deleting endpoint churn." in browser.post("/endpoints/churn/delete/", follow=True).text
    assert gone == ["churn"]


def test_a_failed_endpoint_says_why_and_offers_no_form(signed_in, alice, finished):
    Endpoint.objects.update(status=Endpoint.Status.FAILED, failure_reason="did not pass the ping health check")
    page = signed_in(alice).get("/endpoints/churn/").text
    assert "The model did not answer its health check" in page
    assert "can only be deleted" in page
    assert "Send request" not in page


@pytest.mark.parametrize("backend", ["engine", "aws"])
def test_what_sagemaker_told_us_says_how_old_it_is(signed_in, alice, finished, settings, backend):
    Endpoint.objects.update(last_synced=finished.created)
    settings.BACKEND = backend
    page = signed_in(alice).get("/endpoints/churn/").text
    assert ">As of <time" in page and ("tb-where--aws" in page) == (backend == "aws")


def test_a_row_for_a_model_without_a_target_is_not_asked_for_without_it(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "features only, without the target" in browser.get("/endpoints/churn/").text
    Model.objects.update(algorithm="randomcutforest")
    page = browser.get("/endpoints/churn/").text
    assert "One row a line, features only." in page and "without the target" not in page


def test_categories_that_training_did_not_have_are_told_with_the_answer(signed_in, alice, finished, monkeypatch):
    def invoke(*_):
        return Invocation(200, b"0.83", "text/csv", 12.4, "AllTraffic", {}, (("items", 2), ("<city>", 1)))

    monkeypatch.setattr("models_app.endpoints.actions.invoke", invoke)
    part = signed_in(alice).post("/endpoints/churn/invoke/", ASK, headers={"HX-Request": "true"}).text
    assert "2 values of items were not in the training data; predicted as other." in part
    assert "1 value of &lt;city&gt; was not in the training data; predicted as other." in part


def test_the_requests_of_a_day_are_asked_for_after_the_page(signed_in, vera, finished, monkeypatch):
    browser = signed_in(vera)
    page = browser.get("/endpoints/churn/").text
    assert 'hx-get="/endpoints/churn/requests/" hx-trigger="load"' in page
    monkeypatch.setattr("models_app.endpoints.views.request_counts", lambda endpoint: RequestCounts(12, 3, 1, 5))
    part = browser.get("/endpoints/churn/requests/", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "hx-trigger" not in part.partition("</section>")[0]
    assert re.findall(r"<dd>(\d+)</dd>", part) == ["12", "3", "1", "5"]
    assert "<html" in browser.get("/endpoints/churn/requests/").text
    assert browser.get("/endpoints/nobody/requests/").status_code == 404


def test_cloudwatch_that_does_not_answer_is_said(signed_in, vera, finished, monkeypatch):
    def refuse(endpoint):
        raise aws.Refused("CloudWatch is closed.")

    monkeypatch.setattr("models_app.endpoints.views.request_counts", refuse)
    page = signed_in(vera).get("/endpoints/churn/requests/")
    assert page.status_code == 200 and "CloudWatch is closed." in page.text


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


def test_the_list_shows_requests_latency_errors_cost_and_what_is_idle(signed_in, alice, finished):
    long_ago = now() - timedelta(days=4)
    figures = {"requests": 1200, "errors": 3, "latency_p95": 14.2, "hours": [50] * 24, "traffic_at": now()}
    Endpoint.objects.update(last_request=now(), created=now() - timedelta(days=10), status_since=long_ago, **figures)
    browser = signed_in(alice)
    page = browser.get("/endpoints/").text
    assert "1,200" in page and "14 ms" in page and 'title="0.25%"' in page and 'class="spark"' in page
    assert "$2.76" in page and "$27.60 so far" in page and "free here" in page
    assert "none for over 3 days" in page
    Endpoint.objects.update(last_request=long_ago)
    assert "$2.76 a day for nothing" in browser.get("/endpoints/").text
    assert 'id="e-churn"' in browser.get("/endpoints/?view=idle").text


def test_endpoints_are_stopped_together_after_a_page_that_says_what_that_saves(
    signed_in, alice, bob, finished, monkeypatch
):
    stopped: list[str] = []
    monkeypatch.setattr("models_app.endpoints.actions.delete", lambda endpoint: stopped.append(endpoint.name))
    Endpoint.objects.create(name="spam", owner=alice, status=Endpoint.Status.IN_SERVICE)
    Endpoint.objects.create(name="bobs", owner=bob, status=Endpoint.Status.IN_SERVICE)
    monkeypatch.setattr("models_app.endpoints.stop_views.MAX_SELECTED", 4)
    address = "/endpoints/-/stop/"
    assert signed_in(bob).get(f"{address}?name=churn").status_code == 403
    browser = signed_in(alice)
    page = browser.get(f"{address}?name=churn&name=spam&name=gone").text
    assert (
        "Stop 2 endpoints" in page and "save $5.52 a day" in page and "No longer there, so not stopped: gone." in page
    )
    assert stopped == []
    page = browser.post(address, {"name": ["churn", "spam", "bobs", "bobs", "gone", "zebra"]}, follow=True).text
    assert sorted(stopped) == ["churn", "spam"] and "Stopping 2 endpoints." in page
    assert "Created by others, so not stopped: bobs." in page and "1 more endpoint is left: 4 are stopped" in page
    assert "No endpoint is selected." in browser.get(address, follow=True).text


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
