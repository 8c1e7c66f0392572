"""The notebook way in a real browser: an instance from its creation to its deletion, JupyterLab in it, odd texts."""

import base64
import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.notebook_cycles import ROLE, status, until
from tests.stack import Stack
from tests.waiting import LIMIT

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
FIRST_START = 900.0  # seconds: the first on a machine installs JupyterLab and the kernels
HTML = '<img src=x onerror="document.title=`attacked`">'
# JupyterLab's page, when its server stops: it goes on asking, and each refusal is an error of the console.
STOPPED = ("WebSocket connection", "status of 503", "status of 403", "status of 502")


@pytest.fixture
def name(stack: Stack) -> Iterator[str]:
    """The name of an instance that is gone at the end."""
    name, sm = f"browser-{secrets.token_hex(3)}", stack.client("sagemaker")
    yield name
    if status(sm, name) in ("Pending", "InService"):
        sm.stop_notebook_instance(NotebookInstanceName=name)
    if until(sm, name, "Stopped", "Failed", ""):
        sm.delete_notebook_instance(NotebookInstanceName=name)
        until(sm, name, "")


def head(page: Page) -> Locator:
    """The word of the instance's status on its page."""
    return page.locator("#notebook .page-head .st")


def wait_until_in_service(page: Page) -> None:
    expect(head(page)).to_have_text(re.compile("^(In service|Failed)$"), timeout=FIRST_START * 1000)
    assert head(page).inner_text() == "In service", page.locator(".why-card").inner_text()


def open_lab(page: Page, file: str = "") -> Page:
    """JupyterLab in a tab of its own, by the page's link; `file` is opened in it."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open JupyterLab").click()
    lab = opened.value
    lab.set_viewport_size({"width": 1440, "height": 3000})  # cells that are out of sight are not on the page
    expect(lab.locator(".jp-DirListing-content")).to_be_visible(timeout=LIMIT * 1000)
    if file:
        lab.goto(f"{lab.url.partition('/lab')[0]}/lab/tree/{file}")
        expect(lab.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=LIMIT * 1000)
    return lab


def run_all(lab: Page) -> list[str]:
    """Run every cell, and return the text outputs."""
    wait_for_kernel(lab)
    lab.get_by_role("menuitem", name="Run", exact=True).click()
    lab.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    prompts = lab.locator(".jp-CodeCell .jp-InputPrompt")
    expect(prompts.filter(has_text=re.compile(r"^\[\D*\]:$"))).to_have_count(0, timeout=LIMIT * 1000)
    return lab.locator(".jp-OutputArea-output").all_inner_texts()


def wait_for_kernel(lab: Page) -> None:
    """A cell that runs before its kernel is there is forgotten by JupyterLab."""
    expect(lab.get_by_role("button", name="SDK v2) | Idle")).to_be_visible(timeout=LIMIT * 1000)


def test_a_notebook_from_its_creation_to_its_deletion(open_page, stack, name):
    page = open_page("/notebooks/create/", meant=STOPPED)
    page.get_by_label("Notebook name").fill(name)
    page.keyboard.press("Enter")
    wait_until_in_service(page)

    lab = open_lab(page, "examples/1%20boto3%20from%20zero.ipynb")
    port = stack.address("notebooks").rpartition(":")[2]
    assert re.match(rf"http://{name}\.nb\d+\.localhost:{port}/", lab.url)
    outputs = run_all(lab)
    assert [text for text in outputs if "Error" in text or "Traceback" in text] == []
    assert any(re.search(r"9\d\.\d% of 119 rows that it has not seen are right", text) for text in outputs), outputs
    lab.keyboard.press("Control+s")
    expect(lab.locator(".jp-mod-dirty")).to_have_count(0)

    # One tab stops it; the other follows, and JupyterLab's own says what happened.
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Stop", exact=True).click()
    for tab in (page, other):
        expect(tab.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=LIMIT * 1000)
    lab.reload()
    expect(lab.get_by_role("heading")).to_have_text("The notebook is not running")
    lab.close()

    other.get_by_role("button", name="Start", exact=True).click()
    wait_until_in_service(page)
    lab = open_lab(page, "examples/1%20boto3%20from%20zero.ipynb")
    expect(lab.locator(".jp-OutputArea-output")).to_have_text(outputs)  # the file is there, as it was saved
    lab.close()

    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("link", name="Delete").click(timeout=LIMIT * 1000)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("link", name=name)).to_have_count(0, timeout=LIMIT * 1000)
    until(stack.client("sagemaker"), name, "")


def test_by_the_keyboard_alone(open_page, name):
    page = open_page("/notebooks/", meant=STOPPED)
    go_to(page, "link", "Create notebook")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/create/")
    go_to(page, "textbox", "Notebook name")
    page.keyboard.type(name)
    go_to(page, "button", "Create notebook")
    page.keyboard.press("Space")
    wait_until_in_service(page)

    go_to(page, "link", "Open JupyterLab")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    lab = opened.value
    card = lab.locator(".jp-LauncherCard[title*='SDK v2']").first
    expect(card).to_be_visible(timeout=LIMIT * 1000)
    card.focus()
    lab.keyboard.press("Enter")
    expect(lab.locator(".jp-Notebook .cm-content").first).to_be_focused(timeout=LIMIT * 1000)
    wait_for_kernel(lab)
    lab.keyboard.type("print('한글', 6 * 7)")
    lab.keyboard.press("Shift+Enter")
    expect(lab.locator(".jp-OutputArea-output").first).to_have_text("한글 42", timeout=LIMIT * 1000)
    lab.close()

    go_to(page, "button", "Stop")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=LIMIT * 1000)


def go_to(page: Page, role: str, words: str) -> None:
    """Press Tab until the element has the focus; it must be reachable, and visible when it is reached."""
    target = page.get_by_role(role, name=words, exact=True).first
    expect(target).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {words}")


def test_html_and_korean_are_text_wherever_a_notebook_shows_them(open_page, stack, name):
    """In tags, a lifecycle script, what it prints, a failure, an address: no page of the console runs them."""
    sm = stack.client("sagemaker")
    script = f"#!/bin/bash\n# {HTML} 한글\necho '{HTML} 한글 출력'\nexit 3\n"
    hooks = [{"Content": base64.b64encode(script.encode()).decode()}]
    sm.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=f"{name}-start", OnStart=hooks)
    tags = [{"Key": "note", "Value": "노트 한글"}, {"Key": "sagewright:idle-stop", "Value": "-1 <b>"}]
    usual = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE, "LifecycleConfigName": f"{name}-start"}
    with pytest.raises(sm.exceptions.ClientError):
        sm.create_notebook_instance(NotebookInstanceName=name, Tags=tags, **usual)
    sm.create_notebook_instance(NotebookInstanceName=name, Tags=tags[:1], **usual)
    assert until(sm, name, "InService", "Failed", within=FIRST_START) == "Failed"

    page = open_page(f"/notebooks/{name}/", meant=("status of 404",))
    expect(page.locator(".why-card")).to_contain_text(f"Its last line: {HTML} 한글 출력")
    expect(page.locator("#log")).to_contain_text(f"{HTML} 한글 출력")
    for address in ("", f"{name}/", f"{name}/settings/", f"{name}/delete/", f"create/?with={HTML}", f"{HTML}/"):
        page.goto(f"/notebooks/{address}")
        assert page.title() != "attacked" and page.locator("img[src=x]").count() == 0, address
    page.goto(f"/notebooks/{name}/settings/")
    assert page.locator("#script").input_value().strip() == script.strip()
    page.goto("/notebooks/create/")
    page.get_by_label("Notebook name").fill(f"{HTML}한글")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Notebook name")).to_have_attribute("aria-invalid", "true")
    assert page.get_by_label("Notebook name").input_value() == f"{HTML}한글"
    assert page.title() != "attacked" and page.locator("img[src=x]").count() == 0
