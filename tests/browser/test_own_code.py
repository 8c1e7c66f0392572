"""Your own code in a real browser: the editor, a trial with its warning, and the whole life of a model."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import press_create, wait_for_status
from tests.browser.test_every_page import look

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PAGE = "/models/create/?algorithm=code"
TRIED = re.compile("Worked on|Did not work")
RULE = """from sagewright import Model


class Rule(Model):
    def train(self, data, *, add: float = 0.0, shift: int = 0):
        self.mean = float(data["mean radius"].to_numpy().mean()) + add
        for n in range(3):
            self.log(mean=self.mean + n)

    def predict(self, rows):
        size = rows["mean radius"].to_numpy()
        return size - size.mean()
"""


def write(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code", exact=True).fill(code)
    expect(page.locator("#code-verdict")).to_contain_text("line")
    expect(page.locator("#code-verdict")).not_to_contain_text("There is no code yet")


def test_the_editor_marks_what_does_not_parse_and_indents(open_page):
    page = open_page(PAGE)
    write(page, "def a():\n    return (\n")
    expect(page.locator("#code-verdict")).to_contain_text("Line 2")
    expect(page.locator("#code-lines li.is-e")).to_have_text("2")
    editor = page.get_by_role("textbox", name="Code", exact=True)
    editor.fill("")
    editor.press_sequentially("if x:")
    editor.press("Enter")
    editor.press_sequentially("y")
    assert editor.input_value() == "if x:\n    y"
    editor.press("Escape")
    editor.press("Tab")
    expect(editor).not_to_be_focused()


def test_rows_of_ones_own_are_added_and_removed_beside_those_of_the_script(open_page):
    page = open_page(f"{PAGE}&kind=sklearn")
    write(page, "import argparse\np = argparse.ArgumentParser()\np.add_argument('--depth', type=int, default=3)\n")
    page.locator("#hp-depth").fill("7")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#hpn-0").fill("rate")
    page.locator("#hpv-0").fill("0.5")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#hpn-1")).to_be_focused()
    expect(page.locator("#hpn-0")).to_have_value("rate")
    page.get_by_role("button", name="Remove rate").click()
    expect(page.locator("[name=hpn-0]")).to_have_count(0)
    expect(page.locator("#hp-depth")).to_have_value("7")


def test_the_lines_under_the_text_are_the_text(open_page):
    """The coloured lines and the textarea must not come apart, or a person edits what they do not see."""
    page = open_page(PAGE)
    write(page, RULE + "# <b>&amp; 한글\n" + "x = 1  # " + "long " * 60 + "\n")
    painted = page.evaluate("document.querySelector('.editor__in code').textContent")
    positions = """() => ['#code_text', '.editor__in pre'].map(s => {
        const e = document.querySelector(s), r = e.getBoundingClientRect(), c = getComputedStyle(e);
        return [r.x, r.y, r.width, r.height, c.fontSize, c.lineHeight, c.fontFamily, c.tabSize].join(' '); })"""
    assert painted == page.get_by_role("textbox", name="Code", exact=True).input_value() + "\n"
    text, lines = page.evaluate(positions)
    assert text == lines


@pytest.mark.long
def test_a_trial_warns_and_a_model_of_the_code_lives_as_any_other(open_page, data):
    page = open_page(f"{PAGE}&name=own-rule&data={data}&target=diagnosis")
    write(page, RULE)
    expect(page.get_by_label("Entry point")).to_have_value("model:Rule")
    page.locator("#hp-add").fill("1")
    page.get_by_role("button", name="Run the trial").click()
    expect(page.locator("#trial")).to_contain_text(TRIED)
    expect(page.locator("#trial")).to_contain_text("predict() depends on the other rows")
    expect(page.locator("#summary")).to_contain_text("predict() depends on the other rows")
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    write(page, RULE.replace(" - size.mean()", " - self.mean"))
    press_create(page)
    page.wait_for_url("**/models/own-rule/")
    wait_for_status(page, "Deployed")
    page.reload()
    expect(page.locator("#job-curve")).to_contain_text("mean")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#test-out")).to_contain_text("Predicted diagnosis")
    page.locator("#model-source summary").click()
    expect(page.locator("#model-source")).to_contain_text("class Rule(Model)")
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_have_value(re.compile("return size - self.mean"))


def test_the_first_error_of_a_trial_is_marked_in_the_editor(open_page, data):
    page = open_page(f"{PAGE}&name=own-bad&data={data}&target=diagnosis")
    write(page, RULE.replace('data["mean radius"]', 'data["nope"]'))
    page.get_by_role("button", name="Run the trial").click()
    expect(page.locator("#trial")).to_contain_text(TRIED)
    expect(page.locator("#trial")).to_contain_text("There is no column 'nope'")
    expect(page.locator("#code-lines li.is-e")).to_have_text("6")
