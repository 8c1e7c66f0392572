"""Your own code from files in a real browser: a script, a zip, requirements, and what stays after each mistake."""

import io
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import press_create, wait_for_status
from tests.browser.test_every_page import LOOKS, NARROW_AND_DARK, look
from tests.browser.test_own_code import PAGE, RULE, TRIED, write
from tests.waiting import LIMIT

pytestmark = [pytest.mark.browser, pytest.mark.stack]
HELPER = "NAME = 'mean radius'\n\n\ndef size_of(rows):\n    return rows[NAME].to_numpy()\n"
SPLIT = (
    RULE.replace("from sagewright import Model\n", "from sagewright import Model\nfrom tools.sizes import size_of\n")
    .replace('data["mean radius"].to_numpy()', "size_of(data)")
    .replace('rows["mean radius"].to_numpy()', "size_of(rows)")
    .replace("size - size.mean()", "size - self.mean")
)


def editor_of(page: Page):
    return page.get_by_role("textbox", name="Code", exact=True)


def upload(page: Page, name: str, content: bytes) -> None:
    """Choose a file, which is sent at once, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator("#code_file").set_input_files({"name": name, "mimeType": "", "buffer": content})


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def run_trial(page: Page) -> None:
    """Run it, also where there was one before."""
    page.locator("#trial-run").click()
    expect(page.locator("#trial .trial__h")).to_contain_text("Trying")
    expect(page.locator("#trial")).to_contain_text(TRIED, timeout=LIMIT * 1000)


def test_a_script_is_uploaded_into_the_editor_and_what_is_none_leaves_it(open_page):
    page = open_page(f"{PAGE}&name=own-upload")
    upload(page, "rules.py", RULE.encode())
    expect(editor_of(page)).to_have_value(RULE)
    expect(page.get_by_label("Entry point")).to_have_value("rules:Rule")
    expect(page.locator("#code-verdict")).to_contain_text("Class Rule has train and predict")
    page.locator("#hp-shift").fill("4")
    for name, content, words in (
        ("notes.txt", b"hello", "notes.txt is neither .py nor .zip"),
        ("code.zip", b"PK\x03\x04broken", "is no zip that can be read"),
        ("large.py", b"#" * (1 << 20) + b"\n", "larger than 1 MB"),
        ("plain.zip", zipped({"readme.md": "hello"}), "has no Python file"),
    ):
        upload(page, name, content)
        expect(page.locator("#code-card [role=alert]")).to_contain_text(words)
        expect(editor_of(page)).to_have_value(RULE)
        expect(page.locator("#hp-shift")).to_have_value("4")
        expect(page.get_by_label("Model name")).to_have_value("own-upload")
    look(page, "#code-card", LOOKS + NARROW_AND_DARK)


@pytest.mark.long
def test_the_files_of_a_zip_travel_with_its_entry_point_and_become_a_model(open_page, data):
    page = open_page(f"{PAGE}&name=own-zip&data={data}&target=diagnosis")
    packed = {"project/model.py": SPLIT, "project/tools/__init__.py": "", "project/tools/sizes.py": HELPER}
    upload(page, "project.zip", zipped(packed))
    expect(editor_of(page)).to_have_value(SPLIT)
    expect(page.get_by_label("Entry point")).to_have_value("model:Rule")
    expect(page.locator(".editor__bar").first).to_contain_text("with the files of project.zip")
    run_trial(page)
    expect(page.locator("#trial .trial__h")).to_contain_text("Worked on 100 rows")
    press_create(page)
    page.wait_for_url("**/models/own-zip/")
    wait_for_status(page, "Deployed")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#test-out")).to_contain_text("Predicted diagnosis")


@pytest.mark.long
def test_requirements_are_installed_for_the_trial_and_one_that_cannot_be_is_named(open_page, data):
    page = open_page(f"{PAGE}&name=own-needs&data={data}&target=diagnosis")
    write(page, RULE.replace("import Model\n", "import Model\nimport numpy\n").replace("size.mean()", "self.mean"))
    requirements = page.get_by_label("Requirements")
    requirements.fill("numpy\n-e git+https://example.com/x")
    run_trial(page)
    expect(page.locator("#trial")).to_contain_text("Did not work")
    expect(page.locator("#trial")).to_contain_text("requirements.txt, line 2, cannot be installed")
    expect(requirements).to_have_value("numpy\n-e git+https://example.com/x")
    requirements.fill("numpy")
    run_trial(page)
    expect(page.locator("#trial .trial__h")).to_contain_text("Worked on 100 rows")


@pytest.mark.long
def test_after_a_failed_job_the_editor_has_the_code_and_its_change_succeeds(open_page, data):
    page = open_page(f"{PAGE}&name=own-again&data={data}&target=diagnosis")
    broken = RULE.replace('data["mean radius"]', 'data["nope"]').replace("size.mean()", "self.mean")
    write(page, broken)
    page.locator("#hp-add").fill("2.5")
    press_create(page)
    page.wait_for_url("**/models/own-again/")
    expect(page.locator("#model-head .meta .st")).to_have_text("Failed", timeout=LIMIT * 1000)
    expect(page.locator(".why-card").first).to_contain_text("There is no column 'nope'")
    page.get_by_role("button", name="Edit and retry").or_(page.get_by_role("link", name="Edit and retry")).first.click()
    expect(editor_of(page)).to_have_value(broken)
    expect(page.locator("#hp-add")).to_have_value("2.5")
    page.get_by_label("Model name").fill("own-again-2")  # the failed model keeps its own

    # A form that is refused says why, and has everything that was typed.
    write(page, broken.replace("def predict", "def guess"))
    press_create(page)
    expect(page.locator("#form-errors")).to_contain_text("has no predict()")
    expect(editor_of(page)).to_have_value(broken.replace("def predict", "def guess"))
    expect(page.locator("#hp-add")).to_have_value("2.5")
    expect(page.get_by_label("Model name")).to_have_value("own-again-2")

    write(page, broken.replace('data["nope"]', 'data["mean radius"]'))
    press_create(page)
    page.wait_for_url("**/models/own-again-2/")
    wait_for_status(page, "Deployed")


@pytest.mark.long
def test_the_first_error_of_a_trial_in_korean_on_a_narrow_dark_page(open_page, stack, data):
    page = open_page("/healthz/", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.context.add_cookies([{"name": "language", "value": "ko", "url": stack.web}])
    page.goto(f"{PAGE}&name=own-korean&data={data}&target=diagnosis")
    upload(page, "rules.py", RULE.replace('data["mean radius"]', 'data["없음"]').encode())
    expect(page.locator("#h-trial")).to_have_text("100개 행으로 시험")
    page.locator("#trial-run").click()
    expect(page.locator("#trial .alert--err")).to_contain_text("'없음'", timeout=LIMIT * 1000)
    expect(page.locator("#trial .trial__h .st")).to_have_text("작동하지 않음")
    expect(page.locator("#code-lines li.is-e")).to_have_text("6")
    look(page, "main", (*NARROW_AND_DARK, (390, "light", ("rules",))))
