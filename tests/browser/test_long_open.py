"""Pages that stay open while their session ends, their server is away, what they show is deleted: nothing is lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIGNED_OUT, end_session, press_create, sign_in_again, wait_for_status
from tests.stack import FIRST_USER
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.stack]
CUT = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "Failed to fetch")
GONE = ("status of 404", "Response Status Error Code 404")
PATIENCE = 13_000  # ms, after which a page that polls every three seconds calls itself old


def delete(model: str, page: Page) -> None:
    """Delete `model` in the tab `page`, and wait until it is gone."""
    page.goto(f"/models/{model}/delete/")
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/models/")
    wait_for(lambda: page.request.get(f"/models/{model}/").status == 404, f"{model} to be gone")
    page.close()


def test_a_form_outlives_its_session_with_all_that_was_typed_and_chosen(open_page, data, table):
    page = open_page(f"/models/create/?data={data}", meant=(*SIGNED_OUT, *GONE))
    page.get_by_label("Model name").fill("outlived")
    page.locator("#hp-num_round").fill("7")
    end_session(page)
    page.locator("#files").set_input_files({"name": "again.csv", "mimeType": "text/csv", "buffer": table})
    sign_in_again(page, "wrong")
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_role("alert")).to_contain_text("tries left")
    assert Axe().run(page, "dialog[open]", {"resultTypes": ["violations"]}).response["violations"] == []
    expect(page.locator("main .login")).to_have_count(0)
    sign_in_again(page)
    expect(dialog).to_have_count(0)
    expect(page.locator("#data_uri")).to_have_value(re.compile(r"/uploads/.*/again\.csv$"))  # the upload went on
    expect(page.locator("#preflight")).to_contain_text("Ready to train")
    expect(page.get_by_label("Model name")).to_have_value("outlived")
    end_session(page)
    # htmx: sent again after the sign-in. Dispatched, for the summary may be fetched first and its dialog lies over it.
    page.locator("#preset-fast").dispatch_event("click")
    sign_in_again(page)
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    with page.expect_response("**/models/create/aside/"):
        page.locator("[name=deploy_when_done]").uncheck()
    end_session(page)
    # A form that loads a page. Dispatched, as above.
    summary = page.get_by_role("complementary", name="Summary")
    summary.get_by_role("button", name="Create model").dispatch_event("click")
    sign_in_again(page)
    page.wait_for_url("**/models/outlived/")
    page.go_back()
    expect(page.locator("#flash")).to_contain_text("Model outlived was created from this form.")
    expect(page.locator("#data_uri")).to_have_value(re.compile(r"/again\.csv$"))

    page.goto("/models/outlived/")
    wait_for_status(page, "Ready")
    delete("outlived", page.context.new_page())
    page.get_by_role("button", name="Deploy").click()  # of a tab that does not know
    expect(page.locator("main")).to_contain_text("There is no model outlived. It was deleted")
    expect(page.locator("main")).to_contain_text("Nothing was changed.")
    expect(page.get_by_role("link", name="View models")).to_be_visible()


def test_the_page_of_one_person_is_not_sent_for_another(open_page):
    page = open_page("/buckets/", meant=SIGNED_OUT)
    page.evaluate("document.body.dataset.person = '999'")  # the page of someone whose tab has been signed out
    page.locator("#name").fill("never-made-by-another")
    page.get_by_role("button", name="Create bucket").click()
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_contain_text(f"{FIRST_USER} has signed in here in another tab.")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#name")).to_have_value("never-made-by-another")
    expect(page).to_have_url(re.compile(r"/buckets/$"))


def test_a_server_that_is_away_loses_no_form_and_live_parts_say_since_when(open_page, data):
    page = open_page(
        f"/models/create/?data={data}&name=long-run&hp-nthread=1&hp-tree_method=exact", meant=(*CUT, *SIGNED_OUT, *GONE)
    )
    page.locator("#hp-num_round").fill("1000000")
    page.locator("#hp-early_stopping_rounds").fill("")
    page.locator("[name=deploy_when_done]").uncheck()
    page.clock.install()
    page.context.set_offline(True)
    press_create(page)
    expect(page.locator("#flash")).to_contain_text("The server did not answer. Nothing was sent")
    expect(page.locator("#hp-num_round")).to_have_value("1000000")
    page.context.set_offline(False)
    press_create(page)
    page.wait_for_url("**/models/long-run/")
    dots = page.locator(".live")
    expect(page.get_by_text("Following", exact=True)).to_be_visible()
    expect(page.locator("#model-head")).to_contain_text("Time left")

    page.context.set_offline(True)
    page.clock.fast_forward(PATIENCE)
    expect(page.locator("#stale")).to_contain_text(re.compile(r"Not updating since \d\d:\d\d"))
    expect(page.locator("#stale")).to_contain_text("The server does not answer.")
    expect(page.get_by_text("Following", exact=True)).to_have_count(0)
    assert all(re.fullmatch(r"As of \d\d:\d\d", text) for text in dots.all_inner_texts())
    expect(page.locator("[data-figures]")).to_have_attribute("data-as-of", re.compile(r"As of \d\d:\d\d"))
    page.context.set_offline(False)
    page.get_by_role("button", name="Retry now").click()
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.get_by_text("Following", exact=True)).to_be_visible()

    end_session(page)
    sign_in_again(page)
    expect(page.locator("#stale")).to_be_hidden()

    delete("long-run", page.context.new_page())
    expect(page.locator("#flash")).to_contain_text("There is no model long-run.")
    expect(page.locator("#stale")).to_contain_text("What this page shows is no longer there.")


def test_a_page_that_polls_once_a_minute_says_so_after_the_first_poll_that_failed(open_page):
    page = open_page("/models/?q=none", meant=CUT)
    page.clock.install()
    page.reload()
    page.context.set_offline(True)
    page.clock.fast_forward(61_000)  # three of its rounds would be three minutes
    expect(page.locator("#stale")).to_contain_text("The server does not answer.")
    page.context.set_offline(False)
    page.clock.fast_forward(PATIENCE)  # it asks again before its next round
    expect(page.locator("#stale")).to_be_hidden()


def test_times_go_on_by_the_servers_clock_where_the_browsers_is_wrong(open_page, shelf):
    page = open_page("/buckets/")
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=3))
    page.reload()
    page.clock.run_for(31_000)
    content = page.locator("time[data-ago]").all_inner_texts()
    assert content and not [text for text in content if "hour" in text]


def test_a_link_that_a_change_has_just_brought_works_at_once(open_page):
    """htmx binds what it has swapped in when it settles; 20 ms later by default, in which a press is lost."""
    page = open_page("/models/?q=none")  # with its views, whatever other tests have made
    bound = page.evaluate(
        """() => new Promise(result => {
            document.addEventListener('htmx:afterSwap', () => setTimeout(() => {
                const link = document.querySelector('#list .views a');
                addEventListener('click', e => result([e.defaultPrevented, e.preventDefault()][0]), {once: true});
                link.click();
            }), {once: true});
            document.body.dispatchEvent(new Event('live:models'));
        })"""
    )
    assert bound


def test_what_is_said_while_a_part_asks_is_asked_for_after_the_answer(open_page):
    """The answer may be older than that. The clock stands still but for seconds: the next round never comes."""
    page, asked = open_page("/models/?q=none"), []
    page.add_init_script("window.EventSource = class { constructor() { window.stream = this; } close() {} }")
    page.clock.install()
    page.reload()
    page.route(re.compile(r"/models/\?q=none$"), lambda route: asked.append(route))  # noqa: PLW0108
    say = "topics => topics.forEach(data => window.stream.onmessage({ data }))"

    def requests() -> int:
        page.clock.run_for(100)
        return len(asked)

    page.evaluate(say, ["models", "models"])
    wait_for(requests, "the list to ask")
    page.evaluate(say, ["models", "notes"])
    assert requests() == 1
    page.evaluate("document.querySelector('#list').is_old = true")
    asked[0].continue_()
    wait_for(lambda: not page.evaluate("document.querySelector('#list').is_old"), "the answer")
    page.clock.run_for(1000)
    wait_for(lambda: page.evaluate("1") and len(asked) == 2, "the list to ask again", within=60)
    asked[1].continue_()


def test_back_loads_the_page_and_its_scripts_with_it(open_page):
    """Else htmx replaces what the scripts hold on to, and nothing says any more that the page is old."""
    page = open_page("/models/?q=none", meant=CUT)
    page.evaluate("document.body.marked = true")
    page.locator(".views a[href*=deployed]").click()
    page.wait_for_url("**view=deployed*")
    page.go_back()
    page.wait_for_function("location.search === '?q=none' && !document.body.marked")
    expect(page.locator(".views [aria-current]")).to_contain_text("All")
    page.context.set_offline(True)
    page.evaluate("document.querySelectorAll('[hx-trigger*=\"every \"]').forEach(part => part.since = 0)")
    expect(page.locator("#stale")).to_be_visible()
    page.context.set_offline(False)


def test_what_went_wrong_is_seen_wherever_the_page_is_scrolled_to(open_page):
    page = open_page("/people/", meant=CUT)
    page.evaluate("document.querySelector('main').style.minHeight = '4000px'; scrollTo(0, 3000)")
    page.get_by_role("link", name="Invite", exact=True).evaluate("link => link.focus({preventScroll: true})")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#flash .flash--error")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 2000
    page.context.set_offline(False)
