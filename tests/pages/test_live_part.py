"""Parts that many people ask for after a nudge: rendered once for all who see the same; nobody sees another's."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from redis.exceptions import RedisError

from common.db.nudge import nudge
from models_app.models import Endpoint, Model, TrainingJob
from models_app.text import formats
from models_app.web import live_part
from models_app.web.shared import MAX_ENTRIES, _entries, shared

POLL = {"HX-Request": "true", "HX-Trigger": "list", "HX-Target": "list"}
DASHBOARD = {"HX-Request": "true", "HX-Trigger": "dashboard", "HX-Target": "dashboard"}
FILTER = {"HX-Request": "true", "HX-Trigger": "q", "HX-Target": "list"}  # never shared
PAGES = [
    (path, POLL) for path in ("/models/", "/jobs/", "/endpoints/", "/models/?view=mine", "/models/?q=ch&sort=name")
] + [("/", DASHBOARD)]


@pytest.fixture(autouse=True)
def nothing_shared():
    _entries.clear()


@pytest.fixture
def tell(django_capture_on_commit_callbacks):
    """tell(topic): nudge the pages, as the end of a transaction does."""

    def send(topic: str) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            nudge(topic)

    return send


@pytest.mark.parametrize(("path", "headers"), PAGES, ids=[path for path, _ in PAGES])
def test_everybody_gets_what_they_would_get_alone(
    signed_in, vera, alice, bob, ada, finished, broken, path, headers, monkeypatch
):
    moment = now()  # "just now" lasts 45 s, and on a busy machine this test takes longer
    monkeypatch.setattr(formats, "now", lambda: moment)
    Endpoint.objects.create(name="bobs", owner=bob, status="Failed", failure_reason="no")
    Model.objects.create(name="bobs", owner=bob, algorithm="xgboost", data_uri="s3://b/k.csv")
    browsers = []
    for person in (vera, alice, bob, ada):
        for language, zone in (("en", "UTC"), ("en", "Asia/Seoul"), ("ko", "Asia/Seoul")):  # either alone differs
            browser = signed_in(person)
            browser.cookies["language"], browser.cookies["zone"] = language, zone
            browsers.append(browser)
    alone = [browser.get(path, headers=FILTER).text for browser in browsers]
    together = [browser.get(path, headers=headers).text for browser in browsers]
    again = [browser.get(path, headers=headers).text for browser in reversed(browsers)][::-1]
    assert together == alone
    assert again == alone
    assert len(set(alone)) >= 4, "people do differ"


def test_a_person_in_between_costs_a_few_queries_until_the_next_nudge(signed_in, vera, ada, finished, tell):
    first, second = signed_in(vera), signed_in(ada)
    ada.person.role = "viewer"
    ada.person.save()
    assert "churn" in first.get("/models/", headers=POLL).text
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert "churn" in second.get("/models/", headers=POLL).text
    assert len(queries) == 6, "session, user, role, columns and views of one's own, and how many models are"
    Model.objects.create(name="brand-new", owner=vera, algorithm="xgboost", data_uri="s3://b/k.csv")
    tell("models")
    assert "brand-new" in second.get("/models/", headers=POLL).text
    assert "brand-new" in first.get("/models/", headers=POLL).text


@pytest.mark.parametrize("path", ["/models/", "/endpoints/"])
def test_people_with_rows_of_their_own_share_one_rendering(signed_in, alice, bob, monkeypatch, path):
    for person in (alice, bob):
        name = f"of-{person}"
        Model.objects.create(name=name, owner=person, algorithm="xgboost", data_uri=f"s3://b/\ue001{name}\ue003")
        Endpoint.objects.create(name=name, owner=person, status="InService")
    rendered = []
    render = live_part._render_for_anybody
    monkeypatch.setattr(
        live_part, "_render_for_anybody", lambda *arguments: rendered.append(arguments) or render(*arguments)
    )
    for person, other in ((alice, bob), (bob, alice)):
        part = signed_in(person).get(path, headers=POLL).text
        assert f'href="{path}of-{person}/delete/"' in part and f'href="{path}of-{other}/delete/"' not in part
        assert f"of-{other}" in part
    assert len(rendered) == 1


def test_a_day_in_a_filter_is_one_of_each_persons_own_zone(signed_in, vera, finished):
    TrainingJob.objects.update(created="2026-05-13T20:00Z")
    for zone, rows in (("UTC", 0), ("Asia/Seoul", TrainingJob.objects.count())):
        browser = signed_in(vera)
        browser.cookies["zone"] = zone
        assert browser.get("/jobs/?f=created>=2026-05-14", headers=POLL).text.count('<tr role="row" id="j-') == rows


@pytest.mark.parametrize("headers", [POLL, FILTER], ids=["a poll", "a filter"])
def test_the_number_in_the_heading_follows_the_rows(signed_in, vera, finished, headers):
    browser = signed_in(vera)
    for path in ("/models/", "/jobs/", "/endpoints/"):
        assert browser.get(path).text.count('<span class="count" id="list-total">(1)</span>') == 1
        assert browser.get(path, headers=headers).text.count('id="list-total" hx-swap-oob="true">(1)<') == 1


def test_without_redis_everybody_is_shown_the_rows_as_they_are(signed_in, vera, finished, monkeypatch):
    def silent(topics):
        raise RedisError

    monkeypatch.setattr("models_app.web.shared.version", silent)
    browser = signed_in(vera)
    browser.get("/models/", headers=POLL)
    Model.objects.create(name="brand-new", owner=vera, algorithm="xgboost", data_uri="s3://b/k.csv")
    assert "brand-new" in browser.get("/models/", headers=POLL).text


def test_what_is_asked_for_by_a_person_is_never_an_older_answer(signed_in, vera, finished):
    browser = signed_in(vera)
    browser.get("/models/", headers=POLL)
    Model.objects.create(name="brand-new", owner=vera, algorithm="xgboost", data_uri="s3://b/k.csv")
    for headers in ({}, FILTER, POLL | {"HX-History-Restore-Request": "true"}):
        assert "brand-new" in browser.get("/models/", headers=headers).text


def test_a_part_with_a_form_is_everybodys_own_for_its_token_is(alice, bob):
    tokens = []
    for person in (alice, bob):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(person)
        part = browser.get("/models/", headers=POLL).text  # no model yet: a form for each sample
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', part)[1]
        response = browser.post("/logout/", {"csrfmiddlewaretoken": token})
        assert response.status_code == 302
        tokens.append(token)
    assert tokens[0] != tokens[1]


def test_one_works_it_out_while_the_others_wait(tell):
    begun, count = threading.Event(), []

    def make() -> int:
        count.append(1)
        begun.wait(0.05)
        return len(count)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: shared(("models",), "k", make), range(8))) == [1] * 8
    tell("models")
    assert shared(("jobs",), "k", make) == 2, "another topic"
    assert shared(("models",), "k", make) == 3


def test_a_change_while_it_is_worked_out_is_not_missed(tell):
    rows = ["old"]

    def make() -> str:
        value = rows[0]
        rows[0] = "new"
        tell("models")
        return value

    shared(("models",), "k", make)
    assert shared(("models",), "k", lambda: rows[0]) == "new"


def test_only_so_many_results_are_kept():
    for number in range(MAX_ENTRIES * 2):
        shared(("models",), number, lambda: "x")
    assert len(_entries) == MAX_ENTRIES
