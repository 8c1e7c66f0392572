"""A real Chromium in front of a running Sagewright, and the first person who signs in."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sklearn.datasets import load_breast_cancer

from tests.stack import FIRST_USER, Stack

CHROMIUM = "/usr/bin/chromium"
OWN_PASSWORD = "a-password-of-my-own"
PATIENCE = 15_000  # milliseconds, for what should take one second
# Chromium reports every answer of this kind as an error of its console, also where it is the right answer.
RIGHT_ANSWER = "status of 422"
# htmx says so of a question that a newer one of the same part of the page has taken the place of, which is meant.
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")
BUCKET = "browser-data"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Not for the whole session: while it is open, its event loop keeps Django's own tests from their database."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def person(chromium, stack) -> dict:
    """The cookies of the first user, who came with the one-time password and chose one of their own."""
    context = chromium.new_context(base_url=stack.web)
    page = context.new_page()
    page.goto("/models/")
    page.locator("[name=username]").fill(FIRST_USER)
    page.locator("[name=password]").fill(stack.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/password/")
    fields = page.locator("input[type=password]")
    for place, text in enumerate((stack.password, OWN_PASSWORD, OWN_PASSWORD)[-fields.count() :]):
        fields.nth(place).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/password/" not in address)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="package")
def table(stack) -> bytes:
    """scikit-learn's breast-cancer table as a CSV with a header and the label, as text, in the last column."""
    data = load_breast_cancer()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*data.feature_names, "diagnosis"])
    for row, label in zip(data.data, data.target, strict=True):
        writer.writerow([*(f"{value:g}" for value in row), data.target_names[label]])
    return out.getvalue().encode()


@dataclass
class Shelf:
    """The bucket these tests put their files into."""

    s3: object

    def put(self, key: str, body: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"


@pytest.fixture(scope="package")
def shelf(stack: Stack) -> Shelf:
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return Shelf(s3)


@pytest.fixture(scope="package")
def data(shelf, table) -> str:
    """Where the table lies in S3."""
    return shelf.put("health/breast-cancer.csv", table)


@pytest.fixture
def open_page(chromium, person, stack) -> Iterator[Callable[..., Page]]:
    """open_page(address, **context options): a signed-in page. Its console may hold no error when the test ends."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(address: str = "/", **options) -> Page:
        # Without motion, what is measured is not measured in the middle of a change of colour.
        usual = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        context = chromium.new_context(base_url=stack.web, storage_state=person, **usual | options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [error for error in errors if not any(word in error for word in (RIGHT_ANSWER, *GIVEN_UP))] == []


def press_create(page: Page) -> None:
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").click()


def wait_for_status(page: Page, word: str, within: float = 90) -> None:
    """Wait until the model's page says `word`; a model that failed instead says why."""
    place = page.locator("#model-head .meta .st")
    expect(place).to_have_text(re.compile(f"^({word}|Failed)$"), timeout=within * 1000)
    reason = page.locator(".why-card, #endpoint-card").all_inner_texts() if place.inner_text() != word else []
    assert reason == []
