"""Uploads from a real browser: gone on with after a lost connection and a reload, paused, cancelled."""

import hashlib
import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from common.s3_uri import split_s3_uri

PART = 8 * 1024 * 1024
PUT = re.compile(r"/uploads/\d+/parts/\d+/$")
BEGIN = re.compile(r"/buckets/[^/]+/uploads/$")


@pytest.fixture
def big(tmp_path) -> Path:
    """A table of five parts that no other test uploads."""
    file = tmp_path / f"big-{secrets.token_hex(4)}.csv"
    line = b"%s,%s\n" % (secrets.token_hex(20).encode(), secrets.token_hex(20).encode())
    body = b"left,right\n" + line * (4 * PART // len(line) + 40_000)
    file.write_bytes(body)
    assert 4 * PART < len(body) <= 5 * PART
    return file


def choose(page: Page, *files: Path) -> None:
    page.locator("#files").set_input_files(list(files))


def parts_sent(page: Page) -> list[str]:
    """Fills up with the addresses of the parts that the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda query: sent.append(query.url) if PUT.search(query.url) else None)
    return sent


def only_two_parts(route: Route, let: list[int]) -> None:
    if len(let) < 2:
        let.append(1)
        route.continue_()
    else:
        route.abort("connectionreset")


@pytest.fixture
def tolerant(chromium, cookies, stack):
    """A signed-in page whose console may complain: these tests break its connection."""
    context = chromium.new_context(base_url=stack.web, storage_state=cookies, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/models/create/")
    yield page
    context.close()


def test_an_upload_goes_on_after_a_lost_connection_and_a_reload(tolerant, stack, big):
    page, let = tolerant, []
    page.route(PUT, lambda route: only_two_parts(route, let))
    choose(page, big)
    expect(page.locator(".ups li [data-note]")).to_have_text("No connection. It goes on by itself.")
    page.unroute_all()
    page.goto("/models/create/")  # the page is left in the middle

    expect(page.locator("#unfinished")).to_contain_text(big.name)
    expect(page.locator("#unfinished")).to_contain_text(re.compile(r"\d\d% of [\d.]+ MB is there"))
    sent = parts_sent(page)
    choose(page, big)
    expect(page.locator("#data_uri")).to_have_value(re.compile(rf"/{big.name}$"))
    assert len(sent) == 3  # of five parts, two were there

    bucket, key = split_s3_uri(page.locator("#data_uri").input_value())
    stored_object = stack.client("s3").get_object(Bucket=bucket, Key=key)
    body = big.read_bytes()
    pieces = [hashlib.md5(body[start : start + PART]).digest() for start in range(0, len(body), PART)]
    assert stored_object["ETag"] == f'"{hashlib.md5(b"".join(pieces)).hexdigest()}-5"'
    assert hashlib.sha256(stored_object["Body"].read()).digest() == hashlib.sha256(body).digest()
    page.goto("/models/create/")
    expect(page.locator("#data_uri")).to_be_visible()
    assert big.name not in page.locator("#unfinished").inner_text()


def test_a_connection_that_comes_back_is_enough(tolerant, big):
    page, let = tolerant, []
    page.route(PUT, lambda route: only_two_parts(route, let))
    choose(page, big)
    expect(page.locator(".ups li [data-note]")).to_have_text("No connection. It goes on by itself.")
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#data_uri")).to_have_value(re.compile(rf"/{big.name}$"))


def test_an_upload_is_paused_resumed_and_cancelled(open_page, big):
    page, held = open_page("/models/create/"), []
    page.route(PUT, lambda route: held.append(route))
    choose(page, big)
    row = page.locator("[data-upload-list] li")
    expect(row.locator("[data-press]")).to_have_text("Pause")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    row.get_by_role("button", name="Resume").click()
    expect(row.locator("[data-press]")).to_have_text("Pause")
    row.get_by_role("button", name="Pause").click()
    page.unroute_all()
    with page.expect_response(re.compile(r"/uploads/\d+/cancel/$")):
        row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    page.goto("/models/create/")
    assert big.name not in page.locator("#unfinished").inner_text()


def test_an_upload_cancelled_while_it_resumes_is_gone_when_its_row_is(open_page, big):
    page, held, begins = open_page("/models/create/"), [], []
    page.route(PUT, lambda route: held.append(route))
    choose(page, big)
    row = page.locator("[data-upload-list] li")
    row.get_by_role("button", name="Pause").click()
    page.route(BEGIN, lambda route: begins.append(route))
    row.get_by_role("button", name="Resume").click()
    expect(row.locator("[data-press]")).to_have_text("Pause")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_be_hidden()
    expect(row).to_have_count(1)  # it stays until the server has let go
    begins[0].continue_()
    expect(row).to_have_count(0)
    page.goto("/models/create/")
    assert big.name not in page.locator("#unfinished").inner_text()


def test_an_unfinished_upload_can_be_discarded_from_the_list(tolerant, big):
    page, let = tolerant, []
    page.route(PUT, lambda route: only_two_parts(route, let))
    choose(page, big)
    expect(page.locator(".ups li [data-note]")).to_have_text("No connection. It goes on by itself.")
    page.unroute_all()
    page.goto("/models/create/")
    page.get_by_role("button", name=f"Discard the upload of {big.name}").click()
    expect(page.locator("#unfinished")).not_to_contain_text(big.name)
    expect(page).to_have_url(re.compile("/models/create/$"))
