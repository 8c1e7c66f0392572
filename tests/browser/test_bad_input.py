"""Bad input on the Create model page, as a person sees it: at its field, with what to do, and nothing made."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import press_create

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture(scope="module")
def files(shelf) -> dict[str, str]:
    return {
        "empty": shelf.put("bad/empty.csv", b""),
        "parquet": shelf.put("bad/broken.parquet", b"PAR1 this is no Parquet PAR1"),
    }


CASES = {
    "an ill-formed name": ("#name", "bad name!", "letters, digits and hyphens"),
    "a missing bucket": ("#data_uri", "s3://never-made/t.csv", "There is no bucket called never-made"),
    "a missing prefix": ("#data_uri", "s3://browser-data/nothing/", "nothing/"),
    "an empty file": ("#data_uri", "empty", "empty"),
    "a corrupt Parquet file": ("#data_uri", "parquet", "not a readable Parquet file"),
    "eta=1.5": ("#hp-eta", "1.5", "1.5 is not in [0, 1]"),
}


@pytest.mark.parametrize("field, value, words", CASES.values(), ids=CASES.keys())
def test_it_is_said_at_its_field(open_page, data, files, field, value, words):
    page = open_page(f"/models/create/?data={data}&name=never")
    page.locator(field).fill(files.get(value, value))
    press_create(page)
    expect(page.locator(field)).to_have_value(files.get(value, value))
    _expect_refusal(page, field, words)


def test_a_taken_name(open_page, data, shelf):
    page = open_page(f"/models/create/?data={data}&name=taken")
    page.locator("[name=deploy_when_done]").uncheck()
    press_create(page)
    page.wait_for_url("**/models/taken/")
    page.goto(f"/models/create/?data={data}&name=taken")
    press_create(page)
    _expect_refusal(page, "#name", "Model name taken already exists. Enter a different name, for example taken-b.")


def test_no_such_column(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=never&target=nope")
    press_create(page)
    _expect_refusal(page, "#target", "There is no column 'nope'")


def test_a_text_label_for_a_regression(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=never&target=diagnosis")
    page.locator("#hp-objective").select_option("reg:squarederror")
    press_create(page)
    _expect_refusal(page, "#target", "Column diagnosis holds 2 text values, but reg:squarederror predicts a number")


def test_an_unknown_hyperparameter_sent_by_hand(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=never")
    page.evaluate("document.querySelector('#hp-eta').name = 'hp-foo'")
    press_create(page)
    _expect_refusal(page, "#hp-foo", "Extraneous hyperparameter found: foo")


def test_a_file_that_cannot_be_read_is_said_before_create_is_pressed(open_page, files):
    page = open_page("/models/create/")
    page.locator("#data_uri").fill(files["parquet"])
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
