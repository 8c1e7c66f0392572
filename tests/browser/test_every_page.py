"""Every page: no console error, accessibility violation, sideways scroll, spilling cell, doubled id, inline style."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

from tests.addresses import addresses, url_of
from tests.browser import wrong_files
from tests.browser.conftest import (
    SIGNED_OUT,
    USUAL,
    Chromium,
    FirstUser,
    end_session,
    listen,
    press_create,
    sign_in_again,
    unexpected,
    wait_for_status,
)
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]
# (width, theme, what axe looks at). A theme changes nothing but colours, and a width none of them.
NARROWEST = (1341, "light", ())  # with all columns of a list
LOOKS = (NARROWEST, (1440, "light", ("rules", "colours")), (1440, "dark", ("colours",)), (390, "light", ("rules",)))
MOST = (*LOOKS[:3], (390, "light", ()))  # axe at 390 px is for the views, which have every kind of part
NARROW_AND_DARK = ((390, "dark", ("colours",)),)
AXE = Axe().axe_script
# Every rule but that of the colours, which takes most of axe's time. Passed checks are not asked for: listing them
# takes longer than finding them.
RULES = """part => axe.run(part, {resultTypes: ["violations"], rules: {"color-contrast": {enabled: false}}})
    .then(results => results.violations)"""
# That of the colours for the first of the texts whose colours, font and backgrounds are alike, unless one of them has
# `passed` before, on any page: the frame of all pages and the cells of a table are alike. Returns the violations, and
# the looks that have passed now.
COLOURS = """async ([part, passed]) => {
    const known = new Set(passed), around = new Map();
    const behind = element => {
        if (!element) return "";
        if (!around.has(element)) {
            const style = getComputedStyle(element);
            const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter].join();
            around.set(element, behind(element.parentElement) + (own === "rgba(0, 0, 0, 0),none,1,none" ? "" : own));
        }
        return around.get(element);
    };
    const lookOf = element => {
        const style = getComputedStyle(element);
        return [style.color, style.fontSize, style.fontWeight, style.textShadow, behind(element)].join();
    };
    const isText = element => element.matches("input, select, textarea")
        || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const texts = [...document.querySelector(part).querySelectorAll("*")].filter(element => {
        if (!isText(element) || !element.checkVisibility() || known.has(lookOf(element))) return false;
        return known.add(lookOf(element));
    });
    if (!texts.length) return [[], []];
    const results = await axe.run({include: texts}, {
        runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], elementRef: true,
    });
    const now = results.passes.flatMap(rule => rule.nodes.map(node => lookOf(node.element)));
    return [results.violations.map(({id, nodes}) => ({id, nodes: nodes.map(({target}) => ({target}))})),
            [...new Set(now)]];
}"""
_passed: set[str] = set()  # looks of texts
NEARLY_BLANK = "/healthz/"  # of the same site: after about:blank each page would start a process of Chromium
DOUBLED = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""
# Cells of tables with something that reaches into the next one, and is not cut off there.
SPILLING = """() => [...document.querySelectorAll("td, th")].filter(cell => {
    const {right, width} = cell.getBoundingClientRect();
    if (getComputedStyle(cell).display !== "table-cell" || width < 2) return false;  // below 701 px rows are cards
    const isCut = element => element !== cell
        && (getComputedStyle(element).overflowX !== "visible" || isCut(element.parentElement));
    return [...cell.querySelectorAll("*")].some(element => element.getBoundingClientRect().right > right + 1
        && element.checkVisibility({visibilityProperty: true}) && !isCut(element.parentElement) && !isCut(element));
}).map(cell => cell.textContent.trim().slice(0, 40))"""


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
        page.goto(f"/batch/create/?model=furnished&uri={narrow}")
        page.get_by_role("button", name="Predict all rows").click()
        page.wait_for_url("**/batch/furnished-batch-*/")
        expect(page.locator("#transform-head .meta .st")).to_have_text("Completed", timeout=120_000)
        workspace["batch"] = page.locator("h1").inner_text()
        page.goto("/jobs/?q=furnished")
        workspace |= {"job": jobs.first.inner_text(), "data": data, "narrow": narrow}
    return workspace


def _narrow(row: wrong_files.Row) -> wrong_files.Row:
    return dict([*row.items()][:5]) | {"diagnosis": row["diagnosis"]}


class Tab:
    """One tab for pages that are only looked at: to open another one costs twice as much as such a page."""

    def __init__(self, chromium: Chromium, stack: Stack, first_user: FirstUser):
        self._chromium, self._stack, self._first_user = chromium, stack, first_user
        self._page: Page | None = None
        self.errors: list[str] = []

    @property
    def page(self) -> Page:
        """The first user's."""
        if self._page is None:
            signed_in = {"base_url": self._stack.web, "storage_state": self._first_user.cookies}
            self._page = self._chromium.new_context(**signed_in, **USUAL).new_page()
            listen(self._page, self.errors)
        return self._page

    def open(self, address: str) -> Page:
        """Show `address` at the usual size."""
        try:
            self.page.set_viewport_size(USUAL["viewport"])
            self.page.goto(address)
        except Error:
            self.close()  # a tab that has crashed costs one test
            raise
        return self.page

    def close(self) -> None:
        if self._page:
            self._page.context.close()
            self._page = None


@pytest.fixture(scope="module")
def one_tab(chromium, stack, first_user) -> Iterator[Tab]:
    with closing(Tab(chromium, stack, first_user)) as tab:
        yield tab


@pytest.fixture
def tab(one_tab) -> Iterator[Tab]:
    """Its console may hold no error when the test ends. What is unanswered then is no error of the next test."""
    one_tab.errors.clear()
    yield one_tab
    errors = unexpected(one_tab.errors)
    if not one_tab.page.url.endswith(("about:blank", NEARLY_BLANK)):
        one_tab.open(NEARLY_BLANK)
    assert errors == []


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
    "tuning": {"name": "nobody", "pk": 1_000_000},
    "invitation": {"secret": "none"},
    "help": {"page": "docs/preflight"},
}
VIEWS = {  # pages that look different by what their query says
    "no match": "/models/?q=zzzz",
    "filters": "/jobs/?f=status=Completed&f=num_round>=1&f=zzz>1&cols=name,status,eta,cost,started",
    "compare": "/models/-/compare/?name=furnished&name=gone&show=all",
    "create with data": "/models/create/?data={data}&name=next",
    "predict a file": "/batch/create/?model=furnished&uri={data}",
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
    "help in tables": "/help/docs/reference/algorithms/kmeans/",
    "help in code": "/help/README/",
}


# One that only acts leads a GET elsewhere, as tests/pages/test_stale.py asks of each.
PAGES = [pattern for pattern in addresses() if not getattr(pattern.callback, "method", "")]


@pytest.mark.parametrize("pattern", PAGES, ids=lambda pattern: pattern.name)
def test_every_address_that_answers_with_a_page_is_clean(tab, furnished, pattern):
    """An address that leads elsewhere, or answers with a part or a file is no page."""
    own = {of: {"name": furnished[name], "pk": 1_000_000} for of, name in (("jobs", "job"), ("batch", "batch"))}
    address = url_of(pattern, ARGUMENTS | own)
    answer = tab.page.request.get(address, max_redirects=0)
    assert answer.status < 500
    is_inline = "content-disposition" not in answer.headers  # else it is kept as a file
    if answer.status == 200 and is_inline and answer.body().startswith(b"<!doctype html>"):
        look(tab.open(address), looks=MOST)


@pytest.mark.parametrize("address", VIEWS.values(), ids=VIEWS.keys())
def test_every_view_of_a_page_is_clean(tab, furnished, address):
    look(tab.open(address.format(**furnished)))


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
def test_a_narrow_page_is_clean_in_the_dark(tab, furnished, address):
    look(tab.open(address.format(**furnished)), looks=NARROW_AND_DARK)


def look(page: Page, part: str = "html", looks=LOOKS) -> None:
    """Each of `looks`, without loading again; `part` is what has not been looked at before.

    A look at nothing is at the width alone.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    assert page.evaluate(DOUBLED) == []
    assert page.locator("[style]").count() == 0
    wrong = []
    for width, theme, at in looks:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{width}: {wide} px too wide")
        wrong += [f"{width}: {cell!r} reaches into the next cell" for cell in page.evaluate(SPILLING)]
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        violations = page.evaluate(RULES, part) if "rules" in at else []
        if "colours" in at:
            unreadable, passed = page.evaluate(COLOURS, [part, [*_passed]])
            violations += unreadable
            _passed.update(passed)
        for violation in violations:
            positions = [node["target"] for node in violation["nodes"][:3]]
            wrong.append(f"{width} {theme}: {violation['id']} {positions}")
    assert wrong == []
