"""The dashboard and the search over everything."""

import pytest

from models_app.aws.s3 import Bucket
from models_app.models import Endpoint, TrainingJob
from models_app.problems import Problem


@pytest.fixture
def buckets(monkeypatch):
    monkeypatch.setattr("models_app.aws.s3.buckets", lambda: [Bucket("churn-data", None), Bucket("other", None)])


def test_a_new_workspace_gets_its_first_steps(signed_in, alice):
    page = signed_in(alice).get("/").text
    assert "From a table to an endpoint in four steps" in page
    assert 'href="/models/create/"' in page


def test_numbers_needs_attention_latest_and_activity(signed_in, alice, finished, broken):
    response = signed_in(alice).get("/")
    context = response.context
    assert (context["models"], context["deployed"], context["serving"], context["failed"]) == ("2", "1", "1", "1")
    worry = context["attention"][0]
    assert worry.headline == "The table has text where a number belongs"
    assert [label for label, _url in worry.actions] == ["Edit and retry", "View reason"]
    assert [model.name for model in context["recent"]] == ["churn"]
    assert "Training completed" in response.text


def test_who_may_not_change_a_thing_is_offered_the_reason_only(signed_in, vera, broken):
    worry = signed_in(vera).get("/").context["attention"][0]
    assert [label for label, _url in worry.actions] == ["View reason"]


def test_a_failed_endpoint_needs_attention_and_can_be_deleted_from_here(signed_in, alice, finished):
    Endpoint.objects.update(status=Endpoint.Status.FAILED, failure_reason="no")
    worry = signed_in(alice).get("/").context["attention"][0]
    assert worry.actions[0] == ("Delete endpoint", "/endpoints/churn/delete/")


def test_a_retried_model_no_longer_needs_attention(signed_in, alice, broken):
    broken.job = TrainingJob.objects.create(name="labels-0002", model=broken, owner=alice)
    broken.save()
    assert signed_in(alice).get("/").context["attention"] == []


def test_search_finds_every_kind_of_thing(signed_in, vera, finished, buckets):
    page = signed_in(vera).get("/search/?q=churn").text
    for url in ("/models/churn/", "/jobs/churn-0001/", "/endpoints/churn/", "/buckets/churn-data/"):
        assert f'href="{url}"' in page
    assert "/buckets/other" not in page


def test_search_without_the_store_still_finds_the_rest(signed_in, vera, finished, monkeypatch):
    def away():
        raise Problem("The object store does not answer.")

    monkeypatch.setattr("models_app.aws.s3.buckets", away)
    page = signed_in(vera).get("/search/?q=churn").text
    assert "/models/churn/" in page
    assert "The object store does not answer." in page


def test_search_finds_nothing_politely(signed_in, vera, buckets):
    assert "No matches" in signed_in(vera).get("/search/?q=zzz").text
    assert "Type a name" in signed_in(vera).get("/search/").text


def test_the_live_stream_is_offered_only_where_it_would_be_let_in(signed_in, alice, settings):
    assert 'data-live=""' in signed_in(alice).get("/").text
    settings.WEB_URL = "http://testserver"
    page = signed_in(alice).get("/").text
    assert 'data-live="http://127.0.0.1:8001/live/?token=' in page
    assert f'data-topics="notes-{alice.pk},models,jobs,endpoints"' in page


def test_every_page_forbids_inline_code_and_carries_none(signed_in, ada, finished, broken, buckets):
    browser = signed_in(ada)
    for url in ("/", "/models/", "/jobs/", "/jobs/labels-0001/", "/endpoints/", "/endpoints/churn/", "/search/?q=c"):
        response = browser.get(url)
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert "<script>" not in response.text
        assert " style=" not in response.text
        assert " onclick=" not in response.text
