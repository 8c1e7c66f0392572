"""Create model in a browser: by keyboard alone, with fixes, presets, columns and a long table."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import press_create
from tests.waiting import LIMIT

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PRICES = "id,price,city,bought\n" + "".join(
    f"C-{i},{10 + i % 7},city{i % 3},{'yes' if i % 3 else 'no'}\n" for i in range(60)
)
LONG = "a,b,label\n" + "1.2345678,2.3456789,0\n3.1234567,4.1234567,1\n" * 400_000
MOST_TABS = 60
FOCUSED = "document.activeElement.id"


@pytest.fixture(scope="module")
def prices(shelf) -> str:
    return shelf.put("prices/prices.csv", PRICES.encode())


@pytest.fixture(scope="module")
def paid(shelf) -> str:
    rows = (f"${10 + i % 7}.50,${i % 5}.25,{20 + i % 11},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    return shelf.put("prices/paid.csv", ("price,fee,age,bought\n" + "".join(rows)).encode())


def tab_to(page: Page, id: str) -> None:
    """Press Tab until the control `id` has the focus."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == id:
            return
    raise AssertionError(f"#{id} is not reached within {MOST_TABS} presses of Tab")


def test_a_model_is_created_by_keyboard_alone(open_page, prices):
    page = open_page("/models/create/")
    tab_to(page, "name")
    page.keyboard.type("by-keyboard")
    tab_to(page, "data_uri")
    page.keyboard.type(prices)
    page.keyboard.press("Enter")
    expect(page.locator("#target")).to_have_value("bought")
    expect(page.locator("#data_uri")).to_be_focused()
    tab_to(page, "validation")
    page.keyboard.press("ArrowDown")  # a second location
    expect(page.locator("#validation_uri")).to_be_visible()
    expect(page.locator("#validation")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#seed")).to_be_visible()
    tab_to(page, "preset-fast")
    page.keyboard.press("Enter")
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#preset-fast")).to_be_focused()
    tab_to(page, "hp-num_round")
    expect(page.locator("#hp-num_round")).to_have_value("50")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/models/by-keyboard/")


def test_a_fix_is_one_press_and_can_be_undone(open_page, paid):
    page = open_page(f"/models/create/?data={paid}")
    panel = page.locator("#preflight")
    panel.get_by_role("button", name="Leave out fee").click()
    expect(panel).to_contain_text("fee left out")
    expect(page.locator("#h-pf")).to_be_focused()
    expect(page.locator("#done")).to_have_text("Done: Leave out fee")
    expect(page.locator('[name="col-in-fee"]')).not_to_be_checked()  # or Create would put the column back
    expect(page.locator(".pv th.is-off")).to_contain_text("fee")
    panel.get_by_role("button", name="Undo: fee left out").click()
    expect(panel.get_by_role("button", name="Leave out fee")).to_be_visible()


def test_the_next_press_and_create_wait_for_the_answer_to_a_press(open_page, paid):
    page = open_page(f"/models/create/?data={paid}&name=pressed-at-once")
    page.locator("[name=deploy_when_done]").uncheck()
    expect(page.locator("#preflight")).to_contain_text("2 blocking")
    page.evaluate(
        """() => {
            const all = [...document.querySelectorAll('#preflight [name=fix]')];
            all.filter(button => button.textContent.startsWith('Leave out')).forEach(button => button.click());
            document.querySelector('.summary .btn--primary').click();
        }"""
    )
    page.wait_for_url("**/models/pressed-at-once/")  # a press that is lost leaves an error, which stops Create


def test_an_answer_that_comes_while_a_pointer_is_down_is_shown_when_it_is_up(open_page, paid):
    page = open_page(f"/models/create/?data={paid}")
    panel = page.locator("#preflight")
    panel.dispatch_event("pointerdown")
    with page.expect_response("**/s3/inspect/"):
        panel.get_by_role("button", name="Leave out fee").dispatch_event("click")
    with page.expect_response("**/s3/inspect/"):  # the same again, since the first answer would have taken the click
        panel.dispatch_event("pointerdown")
    panel.dispatch_event("pointerup")
    expect(panel).to_contain_text("fee left out")


def test_a_target_that_nobody_has_named_is_one_press_away(open_page, shelf):
    rows = (f"{i * 1.37:.2f},{'yes' if i % 3 else 'no'},{i % 7 + 0.5},{i * 0.91:.2f}\n" for i in range(60))
    uri = shelf.put("prices/unclear.csv", ("width,kind,height,depth\n" + "".join(rows)).encode())
    page = open_page(f"/models/create/?data={uri}")
    expect(page.locator("#target")).to_have_value("")
    panel = page.locator("#preflight")
    expect(panel).to_contain_text("Say which column to predict")
    panel.get_by_role("button", name="Predict kind", exact=True).click()
    expect(page.locator("#target")).to_have_value("kind")
    expect(panel).to_contain_text("Ready to train")


def test_a_preset_tells_at_once_how_long_it_takes(open_page, shelf):
    rows = "".join(f"{i * 7 % 1009},{i * 31 % 997},{i * i % 1013},{i * i % 7}.5\n" for i in range(30_000))
    table = shelf.put("prices/many.csv", f"area,rooms,age,price\n{rows}".encode())
    page = open_page(f"/models/create/?data={table}")
    time = page.locator("#aside b").first
    page.locator("#preset-fast").click()
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    fast = time.inner_text()
    page.locator("#preset-accurate").click()
    expect(time).not_to_have_text(fast)


def test_a_column_is_left_out_and_its_settings_stay_open(open_page, prices):
    page = open_page(f"/models/create/?data={prices}&name=fewer")
    page.locator("#columns summary").click()
    page.get_by_label("Use city").uncheck()
    expect(page.locator("#preflight")).to_contain_text("city left out")
    expect(page.get_by_label("Use city")).to_be_focused()
    page.get_by_label("Type of price").select_option("category")
    expect(page.locator("#preflight")).to_contain_text("price read as category")
    page.locator("[name=deploy_when_done]").uncheck()
    press_create(page)
    page.wait_for_url("**/models/fewer/")


def test_what_is_changed_is_marked_and_what_is_wrong_is_said_on_the_way(open_page, prices):
    page = open_page(f"/models/create/?data={prices}")
    page.locator("#hp-eta").fill("1.5")
    page.keyboard.press("Tab")
    expect(page.locator("#hp-eta-e")).to_contain_text("1.5 is not in [0, 1]")
    expect(page.locator("#hp-eta")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#preset-balanced")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Reset eta to its default 0.3").click()
    expect(page.locator("#hp-eta")).to_have_value("0.3")
    expect(page.locator("#hp-eta")).to_be_focused()
    expect(page.locator("#hp-eta-e")).to_be_empty()
    row = page.locator(".hp", has=page.locator("#hp-num_class"))
    expect(row).to_have_class(re.compile("is-off"))
    page.locator("#hp-objective").select_option("multi:softprob")
    expect(row).not_to_have_class(re.compile("is-off"))


def test_a_long_table_shows_how_far_it_is_read_and_then_all_of_it(open_page, shelf):
    page = open_page(f"/models/create/?data={shelf.put('long/long.csv', LONG.encode())}")
    panel = page.locator("#preflight")
    expect(panel).to_contain_text("of about")
    expect(panel.locator("#scan")).to_be_visible()
    expect(panel).to_contain_text("All 800,000 rows checked.", timeout=LIMIT * 1000)
    expect(panel.locator("#scan")).to_have_count(0)
    expect(page.locator("#summary")).to_contain_text("800,000 rows")


def test_the_second_location_is_browsed_for(open_page, prices):
    page = open_page(f"/models/create/?data={prices}")
    page.locator("#validation").select_option("location")
    page.locator("a[data-browse=validation_uri]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="browser-data", exact=True).click()
    dialog.get_by_role("link", name="prices/", exact=True).click()
    dialog.get_by_role("radio", name="prices.csv").check()
    dialog.get_by_role("button", name="Choose").click()
    expect(page.locator("#validation_uri")).to_have_value(prices)
    expect(page.locator("#data_uri")).to_have_value(prices)


def test_what_is_changed_while_an_answer_is_on_its_way_is_not_lost(open_page, prices):
    page = open_page(f"/models/create/?data={prices}&name=changed")
    held = []
    page.route("**/s3/inspect/", lambda route: held.append(route), times=1)
    with page.expect_request("**/s3/inspect/"):
        page.locator("#target").select_option("city")
    page.locator("#validation_share").select_option("0.3")
    page.locator("#deploy_threshold").fill("0.5")
    with page.expect_request("**/s3/inspect/"):
        held.pop().continue_()
    expect(page.locator("#data-part")).to_contain_text("18 rows validate it")
    expect(page.locator("#target")).to_have_value("city")
    expect(page.locator("#validation_share")).to_have_value("0.3")
    expect(page.locator("#deploy_threshold")).to_have_value("0.5")


def test_a_press_counts_when_the_button_moves_away_under_the_pointer(open_page):
    """The summary above the button is renewed while the page is filled in."""
    page = open_page("/models/create/?name=moved")
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").hover()
    page.mouse.down()
    page.evaluate("document.getElementById('aside').innerHTML = '<p>One more line.</p>'.repeat(9)")
    page.mouse.up()
    expect(page.locator("#form-errors")).to_be_focused()
