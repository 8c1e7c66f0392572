"""The Browse S3 dialog by keyboard alone."""

import re
from contextlib import suppress

from playwright.sync_api import Error, expect


def test_a_table_is_found_and_chosen_by_keyboard(open_page, shelf, data):
    shelf.put("health/notes.pdf", b"%PDF")
    page = open_page("/models/create/")
    page.get_by_role("link", name="Browse S3").first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#browse-dialog")
    expect(dialog).to_be_visible()

    page.keyboard.type("browser-da")  # typing finds, wherever the focus is
    expect(dialog.locator("#browse-find")).to_have_value("browser-da")
    expect(dialog.locator("tbody tr")).to_have_count(1)
    expect(dialog.locator(".htmx-added")).to_have_count(0)  # until then its links lead to pages of their own
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    folder = dialog.get_by_role("link", name="health/")
    expect(folder).to_be_visible()
    expect(page).to_have_url(re.compile("/models/create/$"))
    expect(dialog.locator(":focus")).to_have_count(1)  # the list is not only there but answers keys
    folder.focus()
    page.keyboard.press("Enter")
    table = dialog.get_by_role("link", name="breast-cancer.csv")
    expect(table).to_be_visible()
    expect(dialog.locator(":focus")).to_have_count(1)

    page.keyboard.press("Backspace")  # up, and in again
    expect(folder).to_be_visible()
    expect(dialog.locator(":focus")).to_have_count(1)
    folder.focus()
    page.keyboard.press("Enter")
    expect(dialog.locator("tr.is-dis")).to_contain_text("Not a data file")
    expect(dialog.locator(":focus")).to_have_count(1)
    table.focus()
    page.keyboard.press("Enter")  # the first chooses and shows what is in it
    expect(dialog.locator("#browse-pv")).to_contain_text("569")
    expect(dialog.locator("#browse-sel")).to_have_text(data)
    page.keyboard.press("Enter")  # the second takes it
    expect(dialog).not_to_be_visible()
    expect(page.locator("#data_uri")).to_have_value(data)


def test_a_late_answer_to_what_was_typed_changes_nothing(open_page, data):
    page = open_page("/models/create/")
    page.get_by_role("link", name="Browse S3").first.click()
    dialog = page.locator("#browse-dialog")
    held = []
    page.route("**/s3/browse/?*find=browser-d*", lambda route: held.append(route))
    with page.expect_request("**/s3/browse/?*find=browser-d*"):
        dialog.locator("#browse-find").fill("browser-d")
    dialog.get_by_role("link", name="browser-data", exact=True).click()
    expect(dialog.get_by_role("link", name="health/")).to_be_visible()
    with suppress(Error):  # it was given up
        held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(dialog.get_by_role("link", name="health/")).to_be_visible()


def test_what_stands_beside_the_form_follows_it(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=beside")
    expect(page.locator("#aside")).to_contain_text("Training stops after 1 h at the latest")
    page.locator("#max_runtime").select_option("600")
    expect(page.locator("#aside")).to_contain_text("Training stops after 10 min at the latest")
    expect(page.locator("#aside")).to_contain_text("Draft kept at")
    page.get_by_role("button", name="View as code").click()
    code = page.locator("#code-dialog")
    expect(code).to_contain_text('"MaxRuntimeInSeconds": 600')
    code.get_by_text("Terraform", exact=True).click()
    expect(code.locator("pre:visible")).to_contain_text("aws_sagemaker_model")
    page.keyboard.press("Escape")
    page.goto("/models/create/")
    page.get_by_role("link", name=re.compile("Go on with beside from")).click()
    expect(page.locator("#max_runtime")).to_have_value("600")
    page.goto("/models/create/")
    page.get_by_role("button", name="Discard the draft beside").click()
    expect(page.locator("#flash")).to_contain_text("The draft is discarded.")
