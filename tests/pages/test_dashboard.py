"""The dashboard and the search over everything."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils.timezone import now

from models_app.aws.s3 import Bucket
from models_app.costs.charges import utc_day
from models_app.models import Budget, Charge, Endpoint, Event, Notification, TrafficHour, TrainingJob
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
    assert "$2.76" not in signed_in(alice).get("/endpoints/").text  # it runs on no instance


def test_a_retried_model_no_longer_needs_attention(signed_in, alice, broken):
    broken.job = TrainingJob.objects.create(name="labels-0002", model=broken, owner=alice)
    broken.save()
    assert signed_in(alice).get("/").context["attention"] == []


def test_the_period_is_in_the_address_and_reaches_numbers_and_charts(signed_in, alice, finished, broken):
    TrainingJob.objects.filter(pk=broken.job_id).update(status_since=now() - timedelta(days=3))
    browser, failed = signed_in(alice), {}
    for period in ("24h", "7d", "30d", "nonsense"):
        shown = browser.get(f"/?period={period}")
        failed[period] = shown.context["failed"]
        assert shown.text.count('aria-current="true"') == 1
    assert failed == {"24h": "0", "7d": "1", "30d": "1", "nonsense": "1"}
    assert "Failed jobs, 24 hours" in browser.get("/?period=24h").text


def test_traffic_and_cost_are_drawn_with_a_sentence_and_a_table(signed_in, alice, finished):
    hour = now().replace(minute=0, second=0, microsecond=0)
    TrafficHour.objects.create(at=hour - timedelta(hours=30), requests=1200, gone_requests=34, errors=7)
    Charge.objects.create(source="job-1", day=utc_day(now()) - timedelta(days=2), kind="training", usd=3.21)
    browser = signed_in(alice)
    page = browser.get("/").text
    assert "1,234 requests in 7 days" in page and "7 requests were refused or failed, 0.57% of all" in page
    assert "$3.21" in page and 'role="img"' in page and "nothing is billed here" in page
    assert "1,234" not in browser.get("/?period=24h").text
    TrafficHour.objects.update(requests=1300, written=now())  # what is drawn once is drawn again when it changes
    assert "1,334 requests in 7 days" in browser.get("/").text


def test_a_card_without_figures_says_why(signed_in, alice, broken):
    page = signed_in(alice).get("/").text
    assert "No endpoint yet" in page and "Nothing ran in these days that costs anything." in page


def test_an_endpoint_that_nobody_calls_needs_attention(signed_in, alice, vera, finished):
    long_ago = now() - timedelta(days=6)
    Endpoint.objects.update(status_since=long_ago, traffic_at=now(), instance_type="ml.m5.large")
    browser = signed_in(alice)
    (item,) = browser.get("/").context["attention"]
    assert '<b class="is-w" title="The endpoint is idle">Never</b>' in browser.get("/endpoints/").text
    for number in range(6):
        TrainingJob.objects.create(name=f"failed-{number}", status="Failed", owner=alice)
    assert [one.tone for one in browser.get("/").context["attention"]] == [*["err"] * 4, "warn"]
    TrainingJob.objects.filter(name__startswith="failed-").delete()
    Endpoint.objects.update(last_request=now())
    assert browser.get("/").context["attention"] == []
    assert 'class="is-w"' not in browser.get("/endpoints/").text
    Endpoint.objects.update(last_request=None)
    assert (item.tone, item.name) == ("warn", "churn") and item.note.startswith("It costs $2.")
    assert item.actions == [
        ("Delete endpoint", "/endpoints/churn/delete/"),
        ("View traffic", "/endpoints/churn/traffic/"),
    ]
    assert [label for label, _url in signed_in(vera).get("/").context["attention"][0].actions] == ["View traffic"]


def say(thing, text: str, seconds: float, became: str = "") -> None:
    thing.events.create(text=text, became=became, at=now() - timedelta(hours=1) + timedelta(seconds=seconds))


def test_activity_tells_a_deployment_in_one_line_and_keeps_every_outcome(signed_in, alice, finished):
    Event.objects.all().delete()
    job, endpoint = finished.job, finished.endpoint
    say(job, "Model churn created", 0)
    say(job, "New best AUC 0.9 in round 2", 5)
    say(job, "Training completed", 9, "Completed")
    say(endpoint, "Deploying churn", 10)
    say(job, "Deploying as churn", 10)
    say(endpoint, "Creating the endpoint", 11, "Creating")
    say(endpoint, "In service: it answers predictions", 30, "InService")
    say(job, "Deployed as churn", 30.1)
    browser = signed_in(alice)
    assert [m.title for m in browser.get("/").context["activity"]] == [
        "In service: it answers predictions", "Training completed",
    ]  # fmt: skip
    say(job, "Evaluated on 114 test rows", 90)
    assert [m.title for m in browser.get("/").context["activity"]][0] == "Evaluated on 114 test rows"


def test_activity_shows_what_goes_on_by_its_latest_step(signed_in, alice, finished):
    Event.objects.all().delete()
    job = TrainingJob.objects.create(name="other", owner=alice, status="InProgress")
    say(finished.job, "Model churn created", -4000)
    for number in range(70):
        say(job, f"New best AUC 0.9 in round {number}", number)
    assert [m.title for m in signed_in(alice).get("/").context["activity"]] == ["New best AUC 0.9 in round 69"]
    Event.objects.filter(text__contains="round 1").delete()
    assert len(signed_in(alice).get("/").context["activity"]) == 2


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


@pytest.mark.parametrize(
    ("usd", "labels"),
    [(0.0004, {"$0.0000", "$0.0002", "$0.0004"}), (0.3, {"$0.00", "$0.20", "$0.40"}), (25.0, {"$0", "$30"})],
    ids=["less than a cent", "cents", "dollars"],
)
def test_the_amounts_beside_the_bars_of_cost_differ(signed_in, alice, finished, usd, labels):
    Charge.objects.create(source="job-1", day=utc_day(now()), kind="training", usd=usd)
    page = signed_in(alice).get("/").text
    assert labels <= {f"${amount}" for amount in re.findall(r">\$([0-9.,]+)<", page)}


def test_the_month_has_a_forecast_and_a_budget_that_only_an_administrator_sets(signed_in, alice, ada, finished):
    Charge.objects.create(source="job-1", day=utc_day(now()), kind="training", usd=84.0)
    page = signed_in(alice).get("/").text
    assert "$84.00" in page and "Forecast $" in page and "budget" not in page and "Set a budget" not in page
    assert signed_in(alice).post("/budget/", {"usd": "100"}).status_code == 403
    browser = signed_in(ada)
    assert "Set a budget" in browser.get("/").text
    for wrong in ("much", "-5", "0", "nan", "1e99"):
        refused = browser.post("/budget/", {"usd": wrong})
        assert refused.status_code == 422 and "Write US dollars" in refused.text and not Budget.objects.exists()
    browser.post("/budget/", {"usd": "$1,000"})
    assert "$1,000" in browser.get("/").text and "has cost" not in browser.get("/").text
    browser.post("/budget/", {"usd": "100"})
    for user in (alice, ada):
        page = unescape(signed_in(user).get("/").text)
        assert "has cost $84.00, 84% of the budget of $100.00" in page and "alert--warn" in page
    assert Notification.objects.filter(user=ada, kind="budget.reached").count() == 1
    browser.post("/budget/", {"usd": "100"})  # saved again, it warns nobody again
    assert Notification.objects.filter(kind="budget.reached").count() == 1
    browser.post("/budget/", {"usd": "80.50"})
    assert "alert--err" in browser.get("/").text
    assert 'value="80.50"' in browser.get("/budget/").text
    browser.post("/budget/", {"usd": ""})
    assert not Budget.objects.exists() and "of the budget of" not in browser.get("/").text


def test_endpoints_that_answer_slowest_are_named_with_p50_and_p95(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "h-latency" not in browser.get("/").text
    figures = {"requests": 1200, "errors": 3, "hours": [50] * 24, "traffic_at": now(), "latency_p50": 4.2}
    Endpoint.objects.filter(name="churn").update(**figures, latency_p95=1480.0)
    for number in range(6):
        Endpoint.objects.create(name=f"quick-{number}", status="InService", latency_p50=1, latency_p95=2 + number)
    page = browser.get("/").text
    card = page.partition('aria-labelledby="h-latency"')[2].partition("</section>")[0]
    assert re.findall(r"traffic/\">([\w-]+)<", card) == ["churn", "quick-5", "quick-4", "quick-3", "quick-2"]
    assert "4.2 ms" in card and "1,480 ms" in card and "0.25%" in card
