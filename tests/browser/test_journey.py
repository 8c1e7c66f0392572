"""From a CSV on one's own disk to an endpoint that answers, as a person does it."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import press_create, wait_for_status
from tests.waiting import LIMIT, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.stack]
SEND_TWENTY = """() => {
    const form = document.querySelector('form[data-create]');
    const send = () => fetch('/models/create/', { method: 'POST', body: new FormData(form) });
    return Promise.all(Array.from({ length: 20 }, () => send().then(answer => new URL(answer.url).pathname)));
}"""
DROP_TWO = """() => {
    const rows = ['age,bought\\n1,yes\\n2,no\\n3,yes\\n4,no\\n'], carried = new DataTransfer();
    for (const name of ['a.csv', 'b.csv']) carried.items.add(new File(rows, name, { type: 'text/csv' }));
    const card = document.querySelector('#data_uri').closest('.card');
    card.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true }));
}"""

PRESS = """part => {
    const element = document.querySelector(`${part} h1, ${part} h2`);
    element.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
    return element;
}"""
# What the stream of nudges does, without waiting for the next thing to happen to the job.
NUDGE = """() => document.body.dataset.topics.split(',').forEach(topic =>
    document.body.dispatchEvent(new Event('live:' + topic)))"""


def test_from_a_file_to_an_answer_and_back_to_nothing(open_page, table, tmp_path):
    file = tmp_path / "breast-cancer.csv"
    file.write_bytes(table)
    page = open_page("/")
    page.get_by_role("link", name="SageMaker Models").first.click()
    page.get_by_role("link", name="Create model").first.click()

    page.get_by_label("Model name").fill("journey")
    expect(page.locator("#name-m")).to_have_text("Name is available.")
    page.locator("#files").set_input_files(file)
    expect(page.locator("#data_uri")).to_have_value(re.compile(r"s3://.+/uploads/.+/breast-cancer\.csv"))
    expect(page.locator("#target")).to_have_value("diagnosis")
    expect(page.locator("#summary")).to_contain_text("569 rows")
    expect(page.locator("[data-says=name]")).to_have_text("journey")
    page.locator("#hp-num_round").fill("3000")
    page.locator("#hp-early_stopping_rounds").fill("")
    press_create(page)

    page.wait_for_url("**/models/journey/")
    expect(page.locator("#flash")).to_contain_text("Successfully created model journey.")
    line = page.locator("#job-curve .pl-line").first
    expect(line).to_be_visible(timeout=LIMIT * 1000)
    first = line.get_attribute("d")
    page.wait_for_function(
        "first => document.querySelector('#job-curve .pl-line')?.getAttribute('d') !== first", arg=first
    )
    wait_for_status(page, "Deployed")
    expect(page.locator("#log")).to_contain_text("validation-auc")

    page.locator("#f0").fill("17.5")
    page.keyboard.press("Control+Enter")
    out = page.locator("#test-out")
    expect(out).to_contain_text("200 OK")
    expect(out).to_contain_text("Probability of diagnosis = malignant")
    expect(out).to_contain_text('POST /endpoints/journey/invocations\n{"instances": [{"mean radius": 17.5, ')
    expect(page.locator("#f0")).to_have_value("17.5")

    page.get_by_role("link", name="Delete endpoint").click()
    page.get_by_role("main").get_by_role("button", name=re.compile("Delete")).click()
    page.wait_for_url(lambda url: not url.endswith("/delete/"))  # a page that is asked for before is not loaded
    page.goto("/models/journey/")
    wait_for_status(page, "Ready")
    expect(page.get_by_role("button", name="Deploy")).to_be_visible()


def test_data_is_chosen_in_s3_with_the_keyboard(open_page, data):
    page = open_page("/models/create/")
    page.get_by_role("link", name="Browse S3").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="browser-data", exact=True).press("Enter")
    dialog.get_by_role("link", name="health/", exact=True).press("Enter")
    dialog.get_by_role("radio", name="breast-cancer.csv").press("Space")
    expect(dialog.locator("#browse-pv")).to_contain_text("mean radius")
    expect(dialog.locator("#browse-sel")).to_have_text(data)
    dialog.get_by_role("button", name="Choose").press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#data_uri")).to_have_value(data)
    expect(page.locator("#target")).to_have_value("diagnosis")


def test_a_double_click_on_create_makes_one_model(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=twice")
    page.locator("label", has_text="Deploy when training is done").locator("input").uncheck()
    page.get_by_role("complementary", name="Summary").get_by_role("button", name="Create model").dblclick()
    expect(page).to_have_url(re.compile(r"/models/twice/$"))  # the second click may abort the first one's navigation
    page.goto("/jobs/?q=twice")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_twenty_sendings_of_one_form_make_one_model(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=many")
    page.locator("label", has_text="Deploy when training is done").locator("input").uncheck()
    landed = page.evaluate(SEND_TWENTY)
    assert set(landed) == {"/models/many/"}
    page.goto("/jobs/?q=many")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_several_dropped_files_become_one_folder(open_page):
    page = open_page("/models/create/")
    page.evaluate(DROP_TWO)
    expect(page.locator("#data_uri")).to_have_value(re.compile(r"/uploads/[0-9a-f]{8}/$"))
    expect(page.locator("#summary")).to_contain_text("bought")


def test_a_press_is_not_lost_when_the_page_renews_itself_under_it(open_page, data):
    page = open_page(f"/models/create/?data={data}&name=pressed")
    page.locator("#hp-num_round").fill("200000")  # minutes
    page.locator("#hp-early_stopping_rounds").fill("")
    press_create(page)
    page.wait_for_url("**/models/pressed/")
    wait_for_status(page, "Training")
    for part in ("#model-head", "#job-events"):  # in its place, out of band
        pressed = page.evaluate_handle(PRESS, part)
        for _ in range(2):  # what the first brings is in its place when the second is there
            with page.expect_response(lambda answer: answer.url.endswith("/models/pressed/") and answer.ok):
                page.evaluate(NUDGE)
        assert pressed.evaluate("element => element.isConnected")
        page.locator("body").dispatch_event("pointerup")
        wait_for(
            lambda pressed=pressed: not pressed.evaluate("element => element.isConnected"), f"{part} to be renewed"
        )

    # The page asks who is signed in before it sends a form, and that takes as long as it takes.
    calls: list[Route] = []
    page.route("**/session/", lambda route: calls.append(route))
    page.evaluate("addEventListener('submit', e => window.form = e.target, { capture: true, once: true })")
    page.get_by_role("button", name="Stop training").click()
    page.evaluate(NUDGE)
    wait_for(lambda: page.evaluate("window.form && !window.form.isConnected"), "the form to be renewed")
    (question,) = calls
    question.continue_()
    wait_for_status(page, "Stopped")
