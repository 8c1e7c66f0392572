"""Endpoints: the list, one endpoint's page, calling it, deleting it."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.endpoints.actions import Invocation
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
