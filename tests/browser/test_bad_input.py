"""Bad input on the Create model page, as a person sees it: at its field, with what to do, and nothing made.

tests/pages/test_create.py has the words of each mistake.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import press_create

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_every_mistake_of_a_press_is_said_at_its_field(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=never&target=nope")
    page.locator("#name").fill("bad name!")
    page.locator("#hp-eta").fill("1.5")
    press_create(page)
    _expect_refusal(page, "#name", "letters, digits and hyphens")
    _expect_refusal(page, "#target", "There is no column 'nope'")
    _expect_refusal(page, "#hp-eta", "1.5 is not in [0, 1]")
    expect(page.locator("#name")).to_have_value("bad name!")
    expect(page.locator("#hp-eta")).to_have_value("1.5")


def test_a_prefix_with_nothing_under_it_is_said_at_its_field(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=never")
    page.locator("#data_uri").fill("s3://browser-data/nothing/")
    press_create(page)
    _expect_refusal(page, "#data_uri", "nothing/")
    expect(page.locator("#data_uri")).to_have_value("s3://browser-data/nothing/")


def test_a_taken_name(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=taken")
    page.locator("[name=deploy_when_done]").uncheck()
    press_create(page)
    page.wait_for_url("**/models/taken/")
    page.goto(f"/models/create/?data={data}&name=taken")
    press_create(page)
    _expect_refusal(page, "#name", "Model name taken already exists. Enter a different name, for example taken-b.")


def test_a_file_that_cannot_be_read_is_said_before_create_is_pressed(open_page, shelf):
    page = open_page("/models/create/")
    page.locator("#data_uri").fill(shelf.put("bad/broken.parquet", b"PAR1 this is no Parquet PAR1"))
    page.keyboard.press("Tab")
    expect(page.locator("#data_uri-m")).to_contain_text("not a readable Parquet file")
    expect(page.locator("#summary")).to_contain_text("can't be read")


def test_nothing_was_made_of_any_of_them(open_page):
    page = open_page("/models/?q=never")
    expect(page.get_by_role("heading", name="No matches")).to_be_visible()


def _expect_refusal(page, field: str, words: str) -> None:
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#form-errors")).to_contain_text(words)
    expect(page.locator(field)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"{field}-e")).to_contain_text(words)
