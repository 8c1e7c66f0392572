"""The console in Korean: the Create model page above all, the switch to it, and what is said of mistakes."""

from html import unescape

import pytest
from django.test import Client
from django.utils.translation import override

from algorithms import ALGORITHMS
from models_app.templatetags.console import status
from tests.pages.test_create import answers

pytestmark = pytest.mark.stack
PAGE = "/models/create/"
MIXED = "id,fee,plan,left\n" + "".join(
    f"C-{i},${10 + i % 7}.50,{('basic', 'plus')[i % 2]},{'yes' if i % 3 else 'no'}\n" for i in range(60)
)


@pytest.fixture
def korean(signed_in, alice) -> Client:
    browser = signed_in(alice)
    browser.cookies["language"] = "ko"
    return browser


def visible_text(response) -> str:
    return unescape(response.content.decode())


def test_the_form_is_in_korean(korean):
    page = visible_text(korean.get(PAGE))
    assert '<html lang="ko"' in page
    for words in (
        "모델 생성",
        "학습 데이터",
        "대상 열",
        "하이퍼파라미터",
        "컴퓨팅",
        "배포",
        "요약",
        "S3 둘러보기",
        "균형",
    ):
        assert words in page, words


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_hyperparameter_is_explained_in_korean(korean, name):
    page = visible_text(korean.get(f"{PAGE}?algorithm={name}"))
    messages = [spec.help for spec in ALGORITHMS[name].hyperparameters if not spec.internal]
    assert messages
    assert not [text for text in messages if text in page]


def test_the_table_and_its_faults_are_told_in_korean(korean, lake):
    page = visible_text(korean.get(f"{PAGE}?data={lake.put('mixed.csv', MIXED)}&target=left"))
    assert "사전 검사" in page
    assert "fee 열: 통화 기호가 붙은 금액 60개" in page
    assert "fee 제외" in page
    assert "could not convert string to float" in page  # the container's own words stay as they are


def test_an_inspection_is_remembered_for_each_language(signed_in, alice, korean, lake):
    uri = lake.put("mixed.csv", MIXED)
    english = signed_in(alice)
    reason = "Its text is different in nearly every row"
    assert reason in visible_text(english.get(f"{PAGE}?data={uri}"))
    page = visible_text(korean.get(f"{PAGE}?data={uri}"))
    assert reason not in page
    assert "거의 모든 행에서 텍스트가 달라" in page


def test_mistakes_are_told_in_korean(korean, lake):
    response = korean.post(PAGE, answers("", name=""))
    assert response.status_code == 422
    page = visible_text(response)
    assert "모델 이름은 필수입니다." in page
    assert "학습 데이터는 필수입니다." in page


def test_what_is_missing_is_told_as_missing_in_korean_too(korean, lake):
    """The checks tell problems apart by their English; in another language they must find the same."""
    page = visible_text(korean.get(f"{PAGE}?data=s3://{lake.bucket}/{lake.folder}nothing.csv"))
    assert "에 아무것도 없습니다. 버킷" in page
    assert "데이터를 테이블로 읽을 수 없음" not in page


def test_the_top_bar_switches_the_language(signed_in, alice):
    browser = signed_in(alice)
    assert 'lang="ko"' in visible_text(browser.get(PAGE))  # the switch names the other language in its own script
    answer = browser.post("/preferences/", {"language": "ko", "next": PAGE})
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert browser.cookies["language"].value == "ko"
    assert '<html lang="ko"' in visible_text(browser.get(PAGE))


def test_words_of_a_status_are_translated_and_its_colour_stays(alice):
    class Thing:
        status_word, tone, status = "In service", "ok", "InService"

    with override("ko"):
        badge = status(Thing())
    assert "서비스 중" in badge
    assert "st--ok" in badge


@pytest.mark.parametrize("address", ["/", "/models/", "/jobs/", "/endpoints/", "/buckets/", "/search/?q=x"])
def test_every_list_is_in_korean(korean, lake, address):
    page = visible_text(korean.get(address))
    assert '<html lang="ko"' in page
    assert "본문으로 건너뛰기" in page
