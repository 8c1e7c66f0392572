"""Four mistakes, and the page's exact words about each."""

import json
import socket
from contextlib import closing
from http.client import HTTPConnection

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Page, expect

from console.supervisor.folder import Folder
from console.supervisor.store import Store
from engine.s3 import upstream
from tests.browser import wrong_files as wrong
from tests.browser.conftest import press_create
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]
LOCKED = "locked-data"
DENIED = (
    f"The console may not read bucket {LOCKED}: Access Denied. Its access key and the bucket's policy must allow "
    "s3:ListBucket and s3:GetObject."
)
HEADER = "The first row is column names"


@pytest.fixture(scope="module")
def tumours(shelf) -> str:
    return shelf.put("words/tumours.csv", wrong.text(wrong.first(wrong.cancer(), "diagnosis")))


@pytest.fixture(scope="module")
def locked(stack) -> str:
    """A table in a bucket whose policy lets nobody read it.

    The engine's own S3 takes no such policy; the store behind it does, as an S3 of one's own there may.
    """
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=LOCKED)
    s3.put_object(Bucket=LOCKED, Key="iris.csv", Body=wrong.text(wrong.iris()))
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{LOCKED}", f"arn:aws:s3:::{LOCKED}/*"],
    }
    _put_policy_into_store(stack, json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    return f"s3://{LOCKED}/iris.csv"


def _put_policy_into_store(stack: Stack, policy: str) -> None:
    data = Folder(stack.data)
    store = Store(data, 0)  # it is asked on its socket, whichever ports it has
    with override_settings(STORE_URL=store.url(*data.secret("store_key").split(":"))):
        url, headers = upstream.signed("PUT", f"/{LOCKED}", "policy", {})
    with closing(HTTPConnection("store")) as connection:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(store.socket))
        connection.request("PUT", url.raw_path_qs, policy.encode(), headers)
        answer = connection.getresponse()
        assert answer.status < 300, answer.read()


def test_an_eta_of_one_and_a_half(open_page, tumours):
    page = open_page(f"/models/create/?data={tumours}&name=eta-too-large")
    page.locator("#hp-eta").fill("1.5")
    page.keyboard.press("Tab")
    message = "Hyperparameter eta: 1.5 is not in [0, 1]. Learning rate takes a number, 0 to 1."
    expect(page.locator("#hp-eta-e")).to_have_text(message)
    expect(_blocking(page)).to_contain_text("eta cannot be 1.5 Learning rate takes a number, 0 to 1.")
    press_create(page)
    _refused(page, f"eta: {message}")
    page.locator("#preflight").get_by_role("button", name="Set eta to 1").click()
    expect(page.locator("#hp-eta")).to_have_value("1")
    expect(page.locator("#preflight")).to_contain_text("Ready to train")


def test_a_header_that_is_insisted_on(open_page, tumours):
    page = open_page(f"/models/create/?data={tumours}&name=header-as-data")
    page.locator("#reading-s").click()
    page.locator("#header").select_option("no")
    text = "Read as data, it turns number columns into text. Read it as names."
    expect(_blocking(page)).to_have_count(1)
    expect(_blocking(page)).to_contain_text(f"{HEADER} {text}")
    press_create(page)
    _refused(page, f"First row: {HEADER}. {text}")
    page.locator("#preflight").get_by_role("button", name="First row is column names").click()
    expect(page.locator("#target")).to_have_value("diagnosis")
    expect(page.locator("#preflight")).to_contain_text("Ready to train")


def test_a_header_in_a_file_to_be_used_exactly_as_it_is(open_page, shelf):
    rows = wrong.first(wrong.numbered(wrong.cancer(), "diagnosis"), "diagnosis")
    uri = shelf.put("words/as-it-is.csv", wrong.text(rows))
    page = open_page(f"/models/create/?data={uri}&name=header-as-it-is")
    page.locator("#reading-s").click()
    page.get_by_role("radio", name="The file exactly as it is").check()
    text = "The container of version 3.2 looks for no header and learns from it as a row with label 0."
    expect(_blocking(page)).to_have_count(1)
    expect(_blocking(page)).to_contain_text(f"{HEADER} {text} as-it-is.csv:1")
    press_create(page)
    _refused(page, f"First row: {HEADER}. {text}")
    page.locator("#preflight").get_by_role("button", name="First row is column names").click()
    expect(page.locator("#preflight")).to_contain_text("Ready to train")


def test_an_object_replaced_after_it_was_looked_at(open_page, shelf):
    rows = wrong.iris()
    uri = shelf.put("words/replaced.csv", wrong.text(rows))
    page = open_page(f"/models/create/?data={uri}&name=replaced")
    page.locator("[name=deploy_when_done]").uncheck()
    expect(page.locator("#summary")).to_contain_text("150 rows")
    shelf.put("words/replaced.csv", wrong.text(rows[:100]))
    press_create(page)
    _refused(page, f"Training data: {uri} was replaced at ")
    expect(page.locator("#data_uri-e")).to_contain_text(
        " after it was checked; nothing was started. Look at the data again."
    )
    expect(page.locator("#summary")).to_contain_text("100 rows")  # which is what is looked at now
    press_create(page)
    page.wait_for_url("**/models/replaced/")


def test_an_object_replaced_by_another_table(open_page, shelf):
    uri = shelf.put("words/other.csv", wrong.text(wrong.iris()))
    page = open_page(f"/models/create/?data={uri}&name=other")
    expect(page.locator("#target")).to_have_value("species")
    shelf.put("words/other.csv", wrong.text(wrong.cancer()))
    press_create(page)
    _refused(page, f"{uri} was replaced at ")
    expect(page.locator("#form-errors")).to_contain_text(f"Target column: There is no column 'species' in {uri}.")
    expect(_blocking(page)).to_contain_text("There is no such target column")


def test_a_bucket_that_may_not_be_read(open_page, locked):
    page = open_page("/models/create/?name=locked")
    page.locator("#data_uri").fill(locked)
    page.keyboard.press("Tab")
    expect(page.locator("#data_uri-m")).to_have_text(DENIED)
    expect(_blocking(page)).to_contain_text(f"The data may not be read {DENIED}")
    expect(page.locator("#preflight")).not_to_contain_text("The data is a table")
    press_create(page)
    _refused(page, f"Training data: {DENIED}")


def _blocking(page: Page):
    return page.locator("#preflight .chk--err")


def _refused(page: Page, words: str) -> None:
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#form-errors")).to_contain_text(words)
