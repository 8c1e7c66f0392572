"""Real people's tables of tests/corpus/cases, in the browser: upload, finding, press, deployed, the right prediction.

A prediction is right where a row as the file has it is answered as the same row in plain spelling is, and unlike a row
that means something else. With PICTURES=folder the tests leave screenshots there.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.deployed import answers_of, check_page_answers, schema_of
from tests.corpus.cases import FOLDER
from tests.waiting import LIMIT

pytestmark = [pytest.mark.browser, pytest.mark.stack]
Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """What the page says of a table before `press`, a button of the checks; "" where preparing needs no word.

    `row` is as the file has it, `plain` the same in plain spelling, `other` another one. `label` is the right answer of
    `row` where the table says it, `classes` are the labels.
    """

    says: str
    press: str
    row: Row
    plain: Row
    other: Row
    target: str = "y"
    label: str = ""
    classes: tuple[str, ...] = ("0", "1")
    features: tuple[str, ...] = ()
    korean: bool = False


def _v(row: str, plain: str, other: str) -> tuple[Row, Row, Row]:
    return tuple({"a": "0.5", "v": cell} for cell in (row, plain, other))  # type: ignore[return-value]


_BOUGHT = {"income": "95.6", "age": "78", "colour": "red"}
CASES = {
    "A04-unknown-20": Case("60 cells of column v mean that there is no value", "", *_v("unknown", "", "237600")),
    "A06-parens-neg": Case(
        "Column v holds 60 numbers with a sign behind or in brackets", "Read v as accounting",
        *_v("(3959.50)", "-3959.5", "237600"),
    ),
    "A11-korean-dotted-2024-01-15": Case(
        "날짜를 일, 연, 월, 요일로 변환: v.", "", *_v("2023.01.06", "2023-01-06", "2031-11-20"), korean=True,
        features=("a", "v.days", "v.year", "v.month", "v.weekday"),
    ),
    "A14-french-nbsp-comma": Case(
        "Column v holds 300 numbers with a decimal comma", "Read v as comma",
        *_v("10\xa0100,10", "10100,1", "9999999"),
    ),
    "B01-r-write-table-rownames": Case(
        "#1 is left out: It only tells the rows apart.", "", _BOUGHT, _BOUGHT | {"income": "95.60"},
        _BOUGHT | {"income": "8.5", "age": "20"}, "bought",
        features=("income", "age", "colour=blue", "colour=green", "colour=red"),
    ),
    "C01-sep-semicolon": Case(
        "1 line above the table is skipped", "", _BOUGHT, _BOUGHT | {"income": "95.60"},
        _BOUGHT | {"income": "8.5", "age": "20"}, "bought",
    ),
    "F03-cp949-symbols": Case(
        "CP949", "", {"면적(㎡)": "5", "동·호": "70"}, {"면적(㎡)": "5.0", "동·호": "70.0"},
        {"면적(㎡)": "290", "동·호": "1"}, "등급", features=("면적(㎡)", "동·호"), korean=True,
    ),
    "G01-label-none": Case(
        "'None' is read as a label", "", {"sleep": "0.2", "stress": "2"}, {"sleep": "0.20", "stress": "2.0"},
        {"sleep": "6.4", "stress": "5"}, "disorder", classes=("Insomnia", "None", "Sleep Apnea"),
    ),
    "G04-label-case": Case(
        "2개 레이블의 표기가 여러 가지입니다", "각각 하나로 읽기", {"a": "0.175"}, {"a": "0.1750"}, {"a": "0.522"},
        "code", classes=("NO", "Yes"), korean=True,
    ),
    "J04-unit-mixed-K-M": Case(
        "Column v holds 300 numbers with a mark for thousands or millions", "Read v as scale",
        *_v("158.4K", "158400", "79.2M"), label="0",
    ),
}  # fmt: skip
LONG = [name for name in CASES if name != "G04-label-case"]  # in Korean; test_wrong_files.py has one in English


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in CASES])
def test_a_table_of_the_cases_becomes_a_model_that_is_right(open_page, stack, name):
    case, model = CASES[name], f"case-{name.lower()[:20].strip('-')}"
    page = open_page("/models/create/")
    if case.korean:
        page.context.add_cookies([{"name": "language", "value": "ko", "url": stack.web}])
        page.goto("/models/create/")
    page.locator("#name").fill(model)
    (file,) = FOLDER.joinpath(name).glob("t.*")
    page.locator("#files").set_input_files(str(file))
    expect(page.locator("#data_uri")).to_have_value(re.compile(r"/t\.csv$"))
    expect(page.locator("#target")).to_have_value(case.target)
    expect(page.locator("#preflight")).to_contain_text(case.says)
    _picture(page, f"{name}-finding")
    if case.press:
        page.locator("#preflight").get_by_role("button", name=case.press, exact=True).click()
    expect(page.locator("#preflight")).to_contain_text("학습 가능" if case.korean else "Ready to train")
    page.locator("#preset-fast").click()
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    summary = page.get_by_role("complementary", name="요약" if case.korean else "Summary")
    summary.get_by_role("button", name="모델 생성" if case.korean else "Create model").click()
    page.wait_for_url(f"**/models/{model}/")
    badge = page.locator("#model-head .meta .st")
    expect(badge).to_have_text(re.compile("^(배포됨|실패|Deployed|Failed)$"), timeout=LIMIT * 1000)
    assert badge.inner_text() in ("배포됨", "Deployed"), page.locator(".why-card, #endpoint-card").all_inner_texts()

    row, plain, other = answers_of(stack, model, [case.row, case.plain, case.other])
    assert row == plain and set(row["probabilities"]) == set(case.classes)
    assert row["probabilities"] != other["probabilities"]
    assert case.label in ("", row["label"])
    if case.features:
        assert schema_of(stack, model)["features"] == list(case.features)
    check_page_answers(page, case.row, row)
    _picture(page, f"{name}-answer")


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)
