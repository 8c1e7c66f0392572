"""Signing in: with the chosen password after the one-time password, and again after a failure."""

import pytest

from tests.browser.conftest import FirstUser

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_sign_in_that_fails_is_tried_again_when_next_needed(chromium, stack, cookies, monkeypatch):
    user = FirstUser(chromium, stack)  # `cookies` has chosen the password, so the one-time password is refused
    with monkeypatch.context() as broken:
        broken.setattr(FirstUser, "_sign_in", lambda self, page: pytest.fail("a lost key"))
        with pytest.raises(pytest.fail.Exception):
            _ = user.cookies
    assert {cookie["name"] for cookie in user.cookies["cookies"]} >= {"sessionid"}
