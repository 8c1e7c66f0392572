"""With JavaScript off: create a model, find it in the list, delete it."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_create_list_and_delete(open_page, table, tmp_path):
    file = tmp_path / "plain.csv"
    file.write_bytes(table)
    page = open_page("/models/create/", java_script_enabled=False)
    page.get_by_label("Model name").fill("plain")
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="Upload the chosen files").click()
    expect(page.locator("#data_uri")).to_have_value(re.compile("/plain.csv$"))
    expect(page.locator("#name")).to_have_value("plain")
    page.locator("#target").select_option("diagnosis")
    page.get_by_role("button", name="Inspect data").click()
    expect(page.locator(".pv")).to_contain_text("569 rows")
    page.locator("[name=deploy_when_done]").uncheck()
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("plain")

    page.goto("/models/?q=plain")
    page.get_by_role("link", name="Delete plain").click()
    page.get_by_role("main").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#flash")).to_contain_text("Successfully deleted model plain.")
    expect(page.locator("#m-plain")).to_have_count(0)


def test_a_choice_in_s3_leads_back_to_the_form(open_page, data):
    page = open_page("/s3/browse/?bucket=browser-data&prefix=health/", java_script_enabled=False)
    page.get_by_role("radio", name="breast-cancer.csv").check()
    page.get_by_role("button", name="Choose").click()
    expect(page.locator("#data_uri")).to_have_value(data)
    expect(page.locator("#target")).to_have_value("diagnosis")


def test_a_bucket_is_made_filled_emptied_and_deleted(open_page, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    page = open_page("/buckets/", java_script_enabled=False)
    page.get_by_label("Bucket name").fill("plain-bucket")
    page.get_by_role("button", name="Create bucket").click()
    page.locator("[name=files]").set_input_files(file)
    page.get_by_role("button", name="Upload files").click()
    expect(page.locator("#flash")).to_contain_text("Uploaded 1 object.")
    page.get_by_role("checkbox", name="Select a.csv").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 1 object")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("link", name="Delete bucket").click()
    page.get_by_role("button", name="Delete bucket").click()
    expect(page.locator("#flash")).to_contain_text("Successfully deleted bucket plain-bucket.")


def test_ones_own_code_is_written_and_created(open_page, data):
    page = open_page(f"/models/create/?algorithm=code&name=plain-code&data={data}", java_script_enabled=False)
    page.get_by_role("button", name="Start from an example").click()
    expect(page.locator("#code-verdict")).to_contain_text("Class MyModel has train and predict.")
    code = page.get_by_role("textbox", name="Code", exact=True)
    code.fill(code.input_value().replace("depth: int = 6", "levels: int = 6").replace("=depth", "=levels"))
    page.get_by_role("button", name="Choose this kind").click()
    expect(page.locator("#hp-levels")).to_have_value("6")
    page.locator("[name=deploy_when_done]").uncheck()
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("plain-code")
