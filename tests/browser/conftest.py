"""A real Chromium in front of a running Sagewright, and the first person who signs in."""

import contextlib
import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, StorageState, expect, sync_playwright
from sklearn.datasets import load_breast_cancer

from tests.stack import FIRST_USER, Stack
from tests.waiting import LIMIT, STEP

# The first is Chromium without the windows, tabs and menus around its pages, which cost twice as much as the pages.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), BROWSERS[0])
OWN_PASSWORD = "a-password-of-my-own"
# Chromium reports every answer of this kind as an error of its console, also where it is the right answer.
RIGHT_ANSWER = "status of 422"
# htmx says so of a question that a newer one of the same part of the page has taken the place of, which is meant.
ABANDONED = ("htmx:afterRequest", "htmx:sendAbort")
# What the console of a page says of a session that has ended.
SIGNED_OUT = ("status of 401", "Response Status Error Code 401")
BUCKET = "browser-data"
# Without motion, what is measured is not measured in the middle of a change of colour.
USUAL: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}


class Chromium:
    """Chromium, started when it is first needed and again when it has died."""

    def __init__(self, playwright: Playwright):
        self._type, self._browser = playwright.chromium, None

    def new_context(self, **options) -> BrowserContext:
        if self._browser is None or not self._browser.is_connected():
            arguments = ["--no-sandbox", "--disable-background-networking"]
            self._browser = self._type.launch(executable_path=CHROMIUM, args=arguments, timeout=STEP * 1000)
        context = self._browser.new_context(**options)
        context.set_default_timeout(STEP * 1000)
        return context

    def close(self) -> None:
        if self._browser:
            self._browser.close()


class FirstUser:
    """The person who signs in with the one-time password and chooses one of their own.

    A sign-in that fails costs the test that needs it: the next test tries again.
    """

    def __init__(self, chromium: Chromium, stack: Stack):
        self._chromium, self._stack = chromium, stack

    @cached_property  # which keeps no exception, as a fixture would
    def cookies(self) -> StorageState:
        with closing(self._chromium.new_context(base_url=self._stack.web)) as context:
            page = context.new_page()
            self._sign_in(page)
            if "/password/" in page.url:
                self._choose_password(page)
            return context.storage_state()

    def _sign_in(self, page: Page) -> None:
        for password in (self._stack.password, OWN_PASSWORD):  # the second when an earlier try got as far as that
            page.goto("/models/")
            page.locator("[name=username]").fill(FIRST_USER)
            page.locator("[name=password]").fill(password)
            with page.expect_navigation():
                page.locator("[name=password]").press("Enter")
            if "/login/" not in page.url:
                return
        raise AssertionError(page.locator("[role=alert]").inner_text())

    def _choose_password(self, page: Page) -> None:
        fields = page.locator("input[type=password]")
        for index, text in enumerate((self._stack.password, OWN_PASSWORD, OWN_PASSWORD)[-fields.count() :]):
            fields.nth(index).fill(text)
        with page.expect_navigation():
            fields.last.press("Enter")
        assert "/password/" not in page.url, page.locator("[role=alert]").all_inner_texts()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """Not for the whole session: while it is open, its event loop keeps Django's own tests from their database."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=STEP * 1000)
        with closing(Chromium(playwright)) as chromium:
            yield chromium


@pytest.fixture(scope="package")
def first_user(chromium, stack) -> FirstUser:
    return FirstUser(chromium, stack)


@pytest.fixture
def cookies(first_user) -> StorageState:
    """What a browser of the signed-in first user keeps."""
    return first_user.cookies


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
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):  # another group of these tests had this stack
        s3.create_bucket(Bucket=BUCKET)
    return Shelf(s3)


@pytest.fixture(scope="package")
def data(shelf, table) -> str:
    """Where the table lies in S3."""
    return shelf.put("health/breast-cancer.csv", table)


@pytest.fixture
def open_page(chromium, cookies, stack) -> Iterator[Callable[..., Page]]:
    """open_page(address, **context options): a signed-in page. Its console may hold no error when the test ends.

    Errors that hold one of the words `meant` are what the test is about.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    right: list[str] = []

    def opened(address: str = "/", meant: tuple[str, ...] = (), **options) -> Page:
        right.extend(meant)
        context = chromium.new_context(base_url=stack.web, storage_state=cookies, **USUAL | options)
        contexts.append(context)
        page = context.new_page()
        listen(page, errors)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert unexpected(errors, right) == []


def listen(page: Page, errors: list[str]) -> None:
    """Add what the page's console calls an error to `errors`."""
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on(
        "console", lambda message: errors.append(f"{page.url}: {message.text}") if message.type == "error" else None
    )


def unexpected(errors: list[str], meant: Sequence[str] = ()) -> list[str]:
    """Those of `errors` that hold neither a word of `meant` nor one that every test allows."""
    right = (RIGHT_ANSWER, *ABANDONED, *meant)
    return [error for error in errors if not any(word in error for word in right)]


def press_create(page: Page) -> None:
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").click()


def wait_for_status(page: Page, word: str) -> None:
    """Wait until the model's page says `word`; a model that failed instead says why."""
    badge = page.locator("#model-head .meta .st")
    expect(badge).to_have_text(re.compile(f"^({word}|Failed)$"), timeout=LIMIT * 1000)
    reason = page.locator(".why-card, #endpoint-card").all_inner_texts() if badge.inner_text() != word else []
    assert reason == []


def end_session(page: Page) -> None:
    """As the twelfth hour does: the server knows the browser no more."""
    page.context.clear_cookies(name="sessionid")


def sign_in_again(page: Page, password: str = OWN_PASSWORD) -> None:
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label(f"Password of {FIRST_USER}")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
