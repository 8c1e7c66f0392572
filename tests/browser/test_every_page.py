"""Every page: no console error, no accessibility violation, no sideways scroll, no doubled id, no inline style."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIRequestContext, Page, expect

from tests.addresses import addresses, url_of
from tests.browser import wrong_files
from tests.browser.conftest import SIGNED_OUT, end_session, press_create, sign_in_again, wait_for_status

pytestmark = [pytest.mark.browser, pytest.mark.stack]
# Passed checks are not asked for: listing them takes longer than finding them.
FULL = {"resultTypes": ["violations"]}
COLOURS = FULL | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Most of axe's time goes into colours.
LAYOUT = FULL | {"rules": {"color-contrast": {"enabled": False}}}
# (width, theme, rules). A theme changes nothing but colours, and a width none of them.
LOOKS = ((1440, "light", FULL), (1440, "dark", COLOURS), (390, "light", LAYOUT))
MOST = (*LOOKS[:2], (390, "light", None))  # axe at 390 px is for the views, which have every kind of part
NARROW_AND_DARK = ((390, "dark", COLOURS),)
AXE = Axe().axe_script
VIOLATIONS = "([part, rules]) => axe.run(part, rules).then(results => results.violations)"
DOUBLED = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""


@pytest.fixture(scope="module")
def workspace() -> dict[str, str]:
    """What `furnished` returns, once a test has got as far as that."""
    return {}


@pytest.fixture
def furnished(workspace, open_page, shelf, data) -> dict[str, str]:
    """A workspace with something on every page: a deployed model, its job and endpoint, files.

    Its table, `narrow`, has six of the columns of `data`: axe's time goes by the elements of a page.
    """
    if not workspace:
        narrow = shelf.put("health/narrow.csv", wrong_files.text([_narrow(row) for row in wrong_files.cancer()]))
        page = open_page("/jobs/?q=furnished")
        jobs = page.locator("tbody tr a.t-name")
        if not jobs.count():
            page.goto(f"/models/create/?data={narrow}&name=furnished")
            press_create(page)
            page.wait_for_url("**/models/furnished/")
        page.goto("/models/furnished/")
        wait_for_status(page, "Deployed")
        page.goto("/models/furnished/evaluation/")
        expect(page.locator("#evaluation")).to_contain_text("that training never saw. ", timeout=120_000)
        page.goto("/jobs/?q=furnished")
        workspace |= {"job": jobs.first.inner_text(), "data": data, "narrow": narrow}
    return workspace


def _narrow(row: wrong_files.Row) -> wrong_files.Row:
    return dict([*row.items()][:5]) | {"diagnosis": row["diagnosis"]}


@pytest.fixture
def signed_in(chromium, cookies, stack) -> Iterator[APIRequestContext]:
    """The first user's requests without a page."""
    with closing(chromium.new_context(base_url=stack.web, storage_state=cookies)) as context:
        yield context.request


ARGUMENTS = {
    "models": {"name": "furnished", "intent": "00000000-0000-4000-8000-000000000000", "pk": 1_000_000},
    "endpoints": {"name": "furnished"},
    "notebooks": {"name": "furnished"},
    "buckets": {"bucket": "browser-data"},
    "samples": {"sample": "iris"},
    "uploads": {"pk": 1_000_000, "number": 1},
    "people": {"pk": 1},
    "sessions": {"session_id": "none"},
    "notifications": {"pk": 1_000_000},
    "keys": {"pk": 1, "key_id": "SWKIANOBODY"},
    "invitation": {"secret": "none"},
    "help": {"page": "docs/preflight"},
}
VIEWS = {  # pages that look different by what their query says
    "no match": "/models/?q=zzzz",
    "filters": "/jobs/?f=status=Completed&f=num_round>=1&f=zzz>1&cols=name,status,eta,cost,started",
    "compare": "/models/-/compare/?name=furnished&name=gone&show=all",
    "create with data": "/models/create/?data={data}&name=next",
    "clone": "/models/create/?from=furnished",
    "own code": "/models/create/?algorithm=code&data={narrow}&name=next",
    "code": "/models/create/code/?data={narrow}&name=next",
    "evaluation with costs": "/models/furnished/evaluation/?false_alarm=14&missed=60&threshold=0.36",
    "explanation": "/models/furnished/explain/?all=1",
    "rows of an evaluation": "/models/furnished/evaluation/rows/?actual=malignant&predicted=malignant",
    "folder": "/buckets/browser-data/?prefix=health/",
    "file": "/buckets/browser-data/?prefix=health/&key=health/breast-cancer.csv",
    "browse a folder": "/s3/browse/?bucket=browser-data&prefix=health/&pick={data}",
    "search": "/search/?q=furnished",
    "help in tables": "/help/docs/reference/algorithms/xgboost/",
    "help in code": "/help/README/",
}


@pytest.mark.parametrize("pattern", addresses(), ids=lambda pattern: pattern.name)
def test_every_address_that_answers_with_a_page_is_clean(open_page, signed_in, furnished, pattern):
    """An address that takes no GET, leads elsewhere, or answers with a part or a file is no page."""
    address = url_of(pattern, ARGUMENTS | {"jobs": {"name": furnished["job"], "pk": 1_000_000}})
    answer = signed_in.get(address, max_redirects=0)
    assert answer.status < 500
    if answer.status == 200 and answer.body().startswith(b"<!doctype html>"):
        look(open_page(address), looks=MOST)


@pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS.keys())
def test_every_view_of_a_page_is_clean(open_page, furnished, address):
    look(open_page(address.format(**furnished)))


def test_the_form_with_mistakes_is_clean(open_page, furnished):
    page = open_page(f"/models/create/?data={furnished['narrow']}&name=bad name")
    page.locator("#hp-eta").fill("1.5")
    press_create(page)
    expect(page.locator("#form-errors")).to_be_focused()
    look(page)


def test_the_form_with_everything_open_is_clean(open_page, furnished):
    page = open_page(f"/models/create/?data={furnished['narrow']}&name=open")
    for part in ("#columns-s", "#reading-s", "#hp-more-s"):
        page.locator(part).click()
    page.get_by_label("Use mean_radius").uncheck()
    expect(page.locator("#preflight")).to_contain_text("mean_radius left out")
    look(page)


def test_findings_with_fixes_and_the_code_of_a_form_are_clean(open_page, shelf):
    ragged = shelf.put("bad/ragged.csv", wrong_files.ragged(wrong_files.cancer()))
    page = open_page(f"/models/create/?data={ragged}&name=ragged")
    expect(page.locator("#preflight")).to_contain_text("1 blocking")
    page.get_by_label("Model name").fill("ragged-rows")  # the draft is kept
    expect(page.locator("#aside")).to_contain_text("Draft kept at")
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="View as code").click()
    expect(page.get_by_role("dialog")).to_contain_text("The console does not start this job")
    look(page, "#modal")
    page = open_page("/models/create/")
    expect(page.get_by_role("link", name=re.compile("Go on with ragged-rows"))).to_be_visible()
    look(page)


def test_the_dialog_and_the_answer_are_clean(open_page, furnished):
    page = open_page("/models/create/")
    page.get_by_role("link", name="Browse S3").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page, "#modal")
    page = open_page("/models/furnished/", meant=SIGNED_OUT)
    row = page.locator("#f0")
    row.fill("17.5")
    end_session(page)
    page.get_by_role("button", name="Send request").click()
    sign_in_again(page)
    expect(page.locator("#test-out")).to_contain_text("200 OK")
    expect(row).to_have_value("17.5")
    look(page, "#test-out")


@pytest.mark.parametrize("address", ("/", "/models/furnished/", "/models/create/?data={narrow}&name=dark"))
def test_a_narrow_page_is_clean_in_the_dark(open_page, furnished, address):
    look(open_page(address.format(**furnished)), looks=NARROW_AND_DARK)


def look(page: Page, part: str = "html", looks=LOOKS) -> None:
    """Each of `looks`, without loading again; `part` is what has not been looked at before.

    A look without rules is at the width alone.
    """
    page.evaluate(AXE)
    assert page.evaluate(DOUBLED) == []
    assert page.locator("[style]").count() == 0
    wrong = []
    for width, theme, rules in looks:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{width}: {wide} px too wide")
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        for violation in page.evaluate(VIOLATIONS, [part, rules]) if rules else ():
            places = [node["target"] for node in violation["nodes"][:3]]
            wrong.append(f"{width} {theme}: {violation['id']} {places}")
    assert wrong == []
