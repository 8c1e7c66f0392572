"""The console in Korean: the Create model page above all, its switch, and what it says of mistakes."""

import pytest

KOREAN = {"HTTP_COOKIE": "language=ko"}


@pytest.fixture
def client(signed_in, alice):
    browser = signed_in(alice)
    browser.cookies["language"] = "ko"
    return browser


def test_the_form_is_in_korean(client):
    page = client.get("/models/create/").content.decode()
    assert '<html lang="ko"' in page
    for words in ("모델 생성", "학습 데이터", "대상 열", "하이퍼파라미터", "컴퓨팅", "배포", "요약", "S3 둘러보기"):
        assert words in page, words
