"""What a person and the scripts of a page are told while the database takes no statements."""

import sqlite3
from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.utils import ConnectionHandler
from django.test import Client

from common.db import outage
from console.database import parse_database
from models_app.account.scripts import PERSON, POLL
from tests.ports import free_ports


@pytest.fixture(autouse=True)
def _nothing_failed_yet(monkeypatch):
    monkeypatch.setattr(outage, "_last", float("-inf"))


@pytest.fixture(params=["refused", "locked"])
def away(request, tmp_path):
    """The database of this thread takes no connection, or is locked by another process."""
    if request.param == "refused":
        database = parse_database(f"postgres://someone@127.0.0.1:{free_ports(1)[0]}/none")
    else:
        database = parse_database(f"sqlite:///{tmp_path}/some.sqlite3") | {"OPTIONS": {"timeout": 0}}
    before = connections["default"]
    with closing(sqlite3.connect(tmp_path / "some.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        connections["default"] = ConnectionHandler({"default": database})["default"]
        yield
        connections["default"].close()
        connections["default"] = before


@pytest.fixture
def browser():
    """A browser that was signed in before."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    client.cookies["theme"] = "dark"
    return client


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("path", ["/", "/models/?q=churn", "/jobs/none/", "/admin/", "/buckets/"])
def test_a_page_says_so_and_asks_again_by_itself(browser, path):
    page = browser.get(path)
    assert (page.status_code, page["Retry-After"], page["Refresh"]) == (503, "5", "5")
    assert '<h1 id="h-alone">The database does not answer</h1>' in page.text
    assert 'data-theme="dark"' in page.text and f'href="{path}"' in page.text and "style.css" in page.text
    assert "Nothing that was saved is lost." in page.text
    assert page["Content-Security-Policy"] and "no-store" in page["Cache-Control"]


@pytest.mark.usefixtures("away")
def test_it_says_for_how_long_and_in_the_persons_language(browser, monkeypatch):
    browser.get("/")
    monkeypatch.setattr(outage, "_began", outage._began - 12)
    assert "It has not answered for 12 s." in browser.get("/").text
    browser.cookies["language"] = "ko"
    page = browser.get("/").text
    assert '<html lang="ko"' in page and "데이터베이스" in page


@pytest.mark.usefixtures("away")
def test_a_form_is_not_sent_again_by_itself(browser):
    page = browser.post("/models/churn/delete/")
    assert page.status_code == 503 and "Refresh" not in page
    assert "may not have been saved" in page.text


@pytest.mark.usefixtures("away")
def test_scripts_get_words_in_place_of_a_page(browser):
    part = browser.get("/jobs/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Retarget"], part["X-Unavailable"]) == (503, "#flash", "database")
    assert "The database does not answer." in part.text and "<html" not in part.text
    poll = browser.get("/jobs/", headers={"HX-Request": "true", POLL: "true"})
    assert (poll.status_code, poll["X-Unavailable"]) == (503, "database")
    assert "HX-Retarget" not in poll, "the page says it above its parts"
    assert browser.post("/jobs/", headers={PERSON: "1"}).json()["message"].startswith("The database does not answer.")


def test_a_database_that_is_read_only(signed_in, ada, settings):
    browser = signed_in(ada)
    browser.raise_request_exception, settings.IDLE_LIMIT = False, 1800
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON")
        try:
            page = browser.get("/")  # notes in the session when its person was last active
        finally:
            cursor.execute("PRAGMA query_only=OFF")
    assert page.status_code == 503 and "The database does not answer" in page.text


def test_a_fault_of_ours_is_no_outage_and_has_its_page_without_the_database(browser, monkeypatch):
    monkeypatch.setattr("models_app.account.middleware._zone", lambda name: 1 / 0)
    page = browser.get("/login/")
    assert page.status_code == 500 and "Something failed on our side" in page.text
    assert "Retry-After" not in page
