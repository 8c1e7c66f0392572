"""Inviting a person, who comes in by the link and makes a key; every state of these pages is clean."""

import re
import secrets
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.boto import make_client
from tests.browser.conftest import OWN_PASSWORD
from tests.browser.test_every_page import look

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_an_invited_person_comes_in_and_signs_requests_with_a_key(open_page, chromium, stack):
    name = f"kim-{secrets.token_hex(3)}"
    page = open_page("/people/")
    page.get_by_role("link", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_role("radio", name="Viewer").check()
    expect(dialog.locator("#say")).to_contain_text("Not: create models")
    expect(dialog.get_by_label("User name")).to_have_value(name)
    look(page, "dialog")
    dialog.get_by_role("button", name="Create link").press("Enter")
    expect(page.get_by_role("heading", name=f"Link for {name}")).to_be_visible()
    look(page)
    link = page.locator("pre").inner_text()
    page.goto("/people/")
    expect(page.get_by_role("row", name=re.compile(name))).to_contain_text("Invited")

    with closing(chromium.new_context(reduced_motion="reduce")) as other:  # else colours are measured half-way
        guest = other.new_page()
        guest.goto(link)
        look(guest)
        for field in guest.locator("input[type=password]").all():
            field.fill(OWN_PASSWORD)
        guest.get_by_role("button", name="Set password and sign in").click()
        expect(guest.get_by_text(f"Welcome, {name}. Your password is set.")).to_be_visible()
        guest.goto(f"{stack.web}/keys/")
        look(guest)
        guest.get_by_label("What is the key for?").fill("laptop")
        guest.keyboard.press("Enter")
        expect(guest.get_by_role("heading", name="Key created")).to_be_visible()
        for format in ("PowerShell", "~/.aws/config", "Python", "docker", "Shell"):
            guest.get_by_role("radio", name=format, exact=True).check()
        look(guest)
        shell = dict(re.findall(r"export (\w+)=(\S+)", guest.locator("pre:visible").inner_text()))
        guest.goto(link)
        expect(guest.get_by_role("heading", name="This link is no longer good")).to_be_visible()
        look(guest)
    sts = make_client(
        "sts",
        endpoint_url=shell["AWS_ENDPOINT_URL"],
        region_name=shell["AWS_DEFAULT_REGION"],
        aws_access_key_id=shell["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=shell["AWS_SECRET_ACCESS_KEY"],
    )
    assert sts.get_caller_identity()["Arn"].endswith(f"/{name}")

    page.reload()
    page.get_by_role("link", name=name, exact=True).click()
    look(page)
    page.get_by_role("link", name=re.compile("Stop key")).click()
    look(page)
    page.get_by_role("button", name="Stop key").click()
    expect(page.get_by_text("Key laptop is stopped.")).to_be_visible()
    page.goto("/people/")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("signed out everywhere")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Remove").click()
    look(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text(f"{name} is removed.")).to_be_visible()
    look(page)


def test_a_second_press_does_not_replace_the_answer_to_the_first(open_page):
    """The answer to the second would say that there is a key already, and the secret of the first would be lost."""
    page = open_page("/keys/")
    page.get_by_label("What is the key for?").fill("pressed-twice")
    page.evaluate("""() => {
        const form = document.querySelector('form[action$="/keys/create/"]');
        addEventListener('submit', e => { if (!e.defaultPrevented) setTimeout(() => form.requestSubmit()); });
        form.requestSubmit();
    }""")
    page.wait_for_url("**/keys/create/")
    expect(page.get_by_role("heading", name="Key created")).to_be_visible()
    expect(page.locator("pre:visible")).to_contain_text("AWS_SECRET_ACCESS_KEY")
