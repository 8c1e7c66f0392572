"""What is drawn: long names, what is chosen, forced colours."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import press_create

pytestmark = [pytest.mark.browser, pytest.mark.stack]
LONG_NAME = "n" * 63
TOO_WIDE = "e => [e.scrollWidth - e.clientWidth, e.getBoundingClientRect().right - innerWidth]"
WIDE = """() => [...document.querySelectorAll('main *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.table-wrap, pre, .log, .seg'))
    .map(e => e.tagName + '.' + e.className).slice(0, 9)"""
ATTENTION = """name => document.querySelector('[aria-labelledby=h-att]').insertAdjacentHTML('beforeend',
    `<ul class="att"><li><div><b>${name}${name}</b><p><a href="#">${name}</a>. Training failed.</p></div></li></ul>`)"""
LIT = """() => [...document.querySelectorAll('#browse tbody tr')]
    .filter(row => getComputedStyle(row.cells[0]).backgroundColor !== 'rgba(0, 0, 0, 0)')
    .map(row => row.innerText.trim().split(/\\s/)[0])"""


def _fits(page: Page, part: str) -> None:
    inside, outside = page.locator(part).evaluate(TOO_WIDE)
    assert inside <= 0 and outside <= 0, page.evaluate(WIDE)


def test_a_name_of_63_letters_pushes_nothing_away(open_page, data):
    page = open_page(f"/models/create/?data={data}&name={LONG_NAME}")
    page.locator("[name=deploy_when_done]").uncheck()
    page.locator("[name=tags]").fill(f"{'k' * 128}=v")
    press_create(page)
    page.wait_for_url(f"**/models/{LONG_NAME}/")
    page.set_viewport_size({"width": 390, "height": 844})
    _fits(page, "html")
    for address in ("/models/", "/jobs/"):
        page.goto(f"{address}?q={LONG_NAME[:40]}")  # rows of other tests have wide cells of their own
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            _fits(page, "html")
        _fits(page, ".table-wrap")
    page.goto("/")
    page.evaluate(ATTENTION, LONG_NAME)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        _fits(page, "html")
    page.goto(f"/models/{LONG_NAME}/delete/")
    _fits(page, ".card--form .dellist")


def test_only_the_row_that_is_chosen_is_lit(open_page, data):
    page = open_page("/models/create/")
    page.get_by_role("link", name="Browse S3").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="browser-data", exact=True).click()
    dialog.get_by_role("link", name="health/", exact=True).click()
    dialog.get_by_role("link", name="This folder").click()
    expect(dialog.get_by_role("radio", name="This folder")).to_be_checked()
    assert page.evaluate(LIT) == ["This"]
    dialog.get_by_role("radio", name="breast-cancer.csv").check()
    assert page.evaluate(LIT) == ["breast-cancer.csv"]


def test_a_chip_has_no_dot_inside_it_and_hidden_text_widens_no_switch(open_page):
    page = open_page("/models/")
    dots = page.evaluate("""() => {
        document.querySelector('main').insertAdjacentHTML('beforeend',
            '<p class="meta"><span>a</span><span>b</span><span class="tag">external</span></p><nav class="seg"></nav>');
        return [...document.querySelectorAll('.meta > *')].map(e => getComputedStyle(e, '::before').content);
    }""")
    assert dots == ["none", '""', "none"]
    assert page.locator(".seg").first.evaluate("e => getComputedStyle(e).position") == "relative"


def test_forced_colours_keep_what_is_chosen(open_page):
    """Without its own colours the text of a chosen segment lies on a plate of the page's colour: white on white."""
    page = open_page("/models/", forced_colors="active")
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            '<nav class="seg"><a href="#a" aria-current="true">a</a><a href="#b">b</a></nav>')"""
    )
    segment = page.locator(".seg > [aria-current]").first
    assert segment.evaluate("e => getComputedStyle(e).forcedColorAdjust") == "none"
    text, ground = segment.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert text != ground
    marks = page.evaluate("""() => {
        document.querySelector('main').insertAdjacentHTML('beforeend',
            '<nav class="tabs"><a href="#a" aria-current="page">a</a><a href="#b">b</a></nav>' +
            '<ul class="legend"><li class="s1">x</li></ul>');
        const look = (s, pseudo) => getComputedStyle(document.querySelector(s), pseudo);
        const mark = look('.legend li', '::before').forcedColorAdjust;
        return [look('.tabs a').borderBottomColor, look('.tabs a + a').borderBottomColor, mark];
    }""")
    assert marks[0] != marks[1]
    assert marks[2] == "none"
