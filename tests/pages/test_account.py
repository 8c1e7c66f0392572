"""Signing in, signing out, and what a person sets for themselves."""

import pytest
from django.urls import reverse

from models_app.account import throttle

WRONG = {"username": "alice", "password": "wrong"}
RIGHT = {"username": "alice", "password": "a-fine-password"}


def test_a_stranger_is_sent_to_sign_in_and_back(client, alice):
    response = client.get("/models/?q=x")
    assert response.url == "/login/?next=/models/%3Fq%3Dx"
    response = client.post(response.url, RIGHT | {"next": "/models/?q=x"})
    assert response.url == "/models/?q=x"


def test_a_wrong_password_says_how_many_tries_are_left(client, alice):
    response = client.post("/login/", WRONG)
    assert response.status_code == 422
    assert f"{throttle.TRIES - 1} tries left before a 15-minute pause" in response.text
    assert 'aria-invalid="true"' in response.text


def test_the_fifth_wrong_password_pauses_the_name_even_for_the_right_one(client, alice):
    for _ in range(throttle.TRIES):
        response = client.post("/login/", WRONG)
    assert "Try again in 15 minutes" in response.text
    assert client.post("/login/", RIGHT).status_code == 422
    assert throttle.paused_minutes("ALICE", "127.0.0.1") == 15


def test_the_right_password_forgets_the_wrong_ones(client, alice):
    for _ in range(throttle.TRIES - 1):
        client.post("/login/", WRONG)
    assert client.post("/login/", RIGHT).status_code == 302
    client.post("/logout/")
    assert f"{throttle.TRIES - 1} tries left" in client.post("/login/", WRONG).text


@pytest.mark.parametrize(("keep", "ends_with_browser"), [({"keep": "on"}, False), ({}, True)])
def test_a_session_lasts_twelve_hours_or_as_long_as_the_browser(client, alice, keep, ends_with_browser):
    client.post("/login/", RIGHT | keep)
    assert client.session.get_expire_at_browser_close() is ends_with_browser
    if keep:
        assert client.session.get_expiry_age() == 12 * 3600


def test_sign_out_is_a_post(signed_in, alice):
    browser = signed_in(alice)
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").url == reverse("login")
    assert browser.get("/").status_code == 302


def test_a_one_time_password_opens_only_the_page_that_replaces_it(signed_in, alice):
    alice.person.one_time_password = True
    alice.person.save()
    browser = signed_in(alice)
    assert browser.get("/models/").url == "/password/"
    assert "one-time password" in browser.get("/password/").text
    new = {
        "old_password": "a-fine-password",
        "new_password1": "quite-another-one",
        "new_password2": "quite-another-one",
    }
    assert browser.post("/password/", new).url == "/"
    alice.person.refresh_from_db()
    assert not alice.person.one_time_password
    assert browser.get("/models/").status_code == 200


def test_the_new_password_must_be_new_and_typed_twice(signed_in, alice):
    browser = signed_in(alice)
    same = dict.fromkeys(("old_password", "new_password1", "new_password2"), "a-fine-password")
    response = browser.post("/password/", same)
    assert response.status_code == 422
    assert "same as the old one" in response.text
    unequal = {
        "old_password": "a-fine-password",
        "new_password1": "quite-another-one",
        "new_password2": "mistyped-one-x",
    }
    assert browser.post("/password/", unequal).status_code == 422


def test_preferences_are_cookies_and_lead_back_to_the_page(client):
    response = client.post("/preferences/", {"theme": "dark", "density": "compact", "next": "/login/?next=/"})
    assert response.url == "/login/?next=/"
    page = client.get("/login/").text
    assert 'data-theme="dark"' in page


def test_a_made_up_preference_is_ignored_and_no_other_site_is_led_to(client):
    response = client.post("/preferences/", {"theme": '"><script>', "next": "https://example.org/"})
    assert response.url == "/"
    assert not response.cookies


def test_a_tampered_cookie_never_reaches_the_page(client):
    client.cookies["theme"] = '"><b>'
    assert 'data-theme="auto"' in client.get("/login/").text


def test_health_is_public(client):
    assert client.get("/healthz/").content == b"ok"
