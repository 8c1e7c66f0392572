"""Create model: a long table is read whole in the background."""

import re

import pytest

import tables
from models_app.aws import s3_store as lake_of_the_console
from models_app.models import Scan
from tables import Recipe
from tests.pages.test_create import HTMX, PAGE, answers

pytestmark = pytest.mark.stack


INSPECT = "/s3/inspect/"


@pytest.fixture
def long_table(lake) -> str:
    """More than is looked at first."""
    return lake.put("long.csv", "a,b,label\n" + "1.2345678,2.3456789,0\n3.1234567,4.1234567,1\n" * 60_000)


def scan_of(text: str) -> Scan:
    return Scan.objects.get(pk=re.search(r"/s3/scan/\?scan=(\d+)", text)[1])


def test_a_long_table_is_read_whole_with_progress_and_cancel(signed_in, alice, bob, vera, long_table):
    browser = signed_in(alice)
    page = browser.get(PAGE, {"data": long_table}).text
    assert re.search(r"Checked [\d,]+ of about 1\d0,000 rows\.", page)
    scan = scan_of(page)
    Scan.objects.filter(pk=scan.pk).update(status=Scan.Status.RUNNING, done=1_000_000, total=4_000_000)
    part = signed_in(vera).get("/s3/scan/", {"scan": scan.pk}, headers=HTMX)
    assert "Reading the whole table" in part.text and "HX-Trigger" not in part.headers
    signed_in(bob).post(PAGE, answers(long_table, cancel=str(scan.pk)))
    scan.refresh_from_db()
    assert scan.status == Scan.Status.RUNNING  # it is Alice's
    page = browser.post(PAGE, answers(long_table, cancel=str(scan.pk))).text
    scan.refresh_from_db()
    assert scan.status == Scan.Status.CANCELLED and "was cancelled" in page
    assert browser.get("/s3/scan/", {"scan": scan.pk}, headers=HTMX).headers["HX-Trigger"] == "inspect"
    assert scan_of(browser.post(PAGE, answers(long_table, rescan="1")).text).pk != scan.pk


def test_what_the_whole_table_says_replaces_what_its_beginning_said(signed_in, alice, long_table):
    browser = signed_in(alice)
    scan = scan_of(browser.get(PAGE, {"data": long_table}).text)
    profile = tables.scan(lake_of_the_console.locate(scan.uri), Recipe.from_json(scan.recipe)).as_json()
    Scan.objects.filter(pk=scan.pk).update(status=Scan.Status.DONE, profile=profile)
    page = browser.get(PAGE, {"data": long_table}).text
    assert "All 120,000 rows checked." in page
    assert "84,000 rows train the model, 24,000 rows validate it and 12,000 rows test it." in page


def test_leaving_a_column_out_does_not_read_the_table_again(signed_in, alice, long_table):
    browser = signed_in(alice)
    first = scan_of(browser.get(PAGE, {"data": long_table}).text)
    again = browser.post(PAGE, answers(long_table, do="inspect", recipe='{"excluded": ["b"]}')).text
    assert scan_of(again) == first and Scan.objects.count() == 1


def test_a_viewer_starts_no_scan(signed_in, vera, long_table):
    signed_in(vera).post(INSPECT, answers(long_table), headers=HTMX)
    assert not Scan.objects.exists()


def test_a_scan_that_is_no_longer_there_has_the_page_look_again(signed_in, alice):
    for number in ("", "x", "99"):
        response = signed_in(alice).get("/s3/scan/", {"scan": number}, headers=HTMX)
        assert (response.status_code, response["HX-Trigger"]) == (204, "inspect")
