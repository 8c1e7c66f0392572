"""Signing in, signing out, and what a person sets for themselves."""

import io
import logging
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from models_app.account import forms, throttle
from models_app.account.request_source import client_address
from models_app.account.tasks import clear_sessions
from models_app.models import PasswordTries

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
    assert "Try again in 15 minutes" in client.post("/login/", RIGHT | {"username": "ALICE"}).text
    assert client.post("/login/", RIGHT).status_code == 422
    PasswordTries.objects.update(paused_until=now())
    assert client.post("/login/", RIGHT).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(client, alice):
    for _ in range(throttle.TRIES - 1):
        client.post("/login/", WRONG)
    assert client.post("/login/", RIGHT).status_code == 302
    client.post("/logout/")
    assert f"{throttle.TRIES - 1} tries left" in client.post("/login/", WRONG).text


def test_strangers_who_try_passwords_leave_threads_for_those_who_are_signed_in(client, alice, monkeypatch):
    turns = threading.BoundedSemaphore(1)
    monkeypatch.setattr(forms, "_password_checks", turns)
    with turns:  # as while a password is looked at
        response = client.post("/login/", RIGHT)
    assert response.status_code == 422
    assert "Try again in a few seconds" in response.text
    assert not PasswordTries.objects.exists(), "it was no try"
    assert client.post("/login/", WRONG).status_code == 422
    assert client.post("/login/", RIGHT).status_code == 302, "every turn ends"


def wrong(browser, address="127.0.0.1", times=throttle.TRIES, **headers):
    """Wrong passwords for alice from `address`; the last response."""
    for _ in range(times):
        response = browser.post("/login/", WRONG, REMOTE_ADDR=address, headers=headers)
    return response


def test_nobody_pauses_a_browser_from_which_the_person_has_signed_in(client, alice):
    client.post("/login/", RIGHT)
    client.post("/logout/")
    assert "15 minutes" in wrong(Client()).text  # somebody else at the same address, as behind a proxy
    assert Client().post("/login/", RIGHT).status_code == 422
    assert client.post("/login/", RIGHT).status_code == 302


def test_the_mark_of_a_browser_is_of_one_person_and_cannot_be_made_up(client, alice, bob):
    client.post("/login/", RIGHT)
    client.post("/logout/")
    mark = client.cookies["browser"]
    assert mark["httponly"]
    wrong(Client())
    for value in (mark.value[:-1] + "x", "", "alice"):
        browser = Client()
        browser.cookies["browser"] = value
        assert "Try again in 15 minutes" in browser.post("/login/", WRONG).text
    for _ in range(throttle.TRIES):
        Client().post("/login/", {"username": "bob", "password": "wrong"})
    assert "Try again in 15 minutes" in client.post("/login/", {"username": "bob", "password": "wrong"}).text


def test_behind_a_trusted_proxy_each_client_has_tries_of_its_own(client, alice, settings):
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"),)
    wrong(client, "10.0.0.1", **{"X-Forwarded-For": "203.0.113.7"})
    there = {"REMOTE_ADDR": "10.0.0.1"}
    assert client.post("/login/", RIGHT, headers={"X-Forwarded-For": "203.0.113.7"}, **there).status_code == 422
    assert client.post("/login/", RIGHT, headers={"X-Forwarded-For": "203.0.113.8"}, **there).status_code == 302


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # not a proxy of ours: its header is its own word
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),  # the client wrote the first one itself
        ("10.0.0.1", "nonsense", "nonsense"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
    ],
)
def test_the_address_of_a_client(settings, remote, forwarded, client):
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"),)
    assert client_address({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}) == client


def test_a_try_is_counted_before_the_password_is_looked_at(client, alice, monkeypatch):
    counts = []
    monkeypatch.setattr(
        "django.contrib.auth.forms.authenticate", lambda *a, **k: counts.append(PasswordTries.objects.get().count)
    )
    wrong(client)
    assert counts == [1, 2, 3, 4, 5]


def test_the_page_that_changes_the_password_counts_tries_too(signed_in, alice):
    browser, new = signed_in(alice), "quite-another-one"
    change = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    for _ in range(throttle.TRIES):
        assert "entered incorrectly" in browser.post("/password/", change).text
    right = change | {"old_password": "a-fine-password"}
    assert "Try again in 15 minutes" in browser.post("/password/", right).text
    assert signed_in(alice).post("/password/", right).status_code == 302  # another session of the person


def test_the_admin_has_no_sign_in_page_of_its_own(client, signed_in, alice, ada):
    assert client.get("/admin/login/?next=/admin/").url == "/login/?next=/admin/"
    assert client.post("/admin/login/", RIGHT).url.startswith("/login/?next=")
    assert "_auth_user_id" not in client.session
    response = signed_in(alice).get("/admin/", follow=True)
    assert response.status_code == 403 and "shows rows of the database to staff" in response.text
    assert signed_in(alice).get("/admin/password_change/").url == "/password/"
    assert signed_in(alice).post("/admin/logout/").url == "/login/"
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    client.post("/login/", {"username": "ada", "password": "a-fine-password", "next": "/admin/", "keep": "on"})
    assert client.get("/admin/").status_code == 200
    assert client.session.get_expiry_age() == pytest.approx(12 * 3600, abs=60)


def test_sign_ins_are_logged_on_one_line_each(client, alice, caplog):
    caplog.set_level("INFO", "models_app.account")
    client.post("/login/", WRONG | {"username": "eve\nINFO alice signed in"})
    client.post("/login/", RIGHT)
    client.post("/logout/")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("models_app.account")]
    assert lines == [
        r"a sign-in as 'eve\nINFO alice signed in' failed from '127.0.0.1'",
        "'alice' signed in from '127.0.0.1'",
        "'alice' signed out from '127.0.0.1'",
    ]
    assert "a-fine-password" not in caplog.text


def test_a_refused_page_is_logged_on_one_line_with_who_asked(signed_in, vera):
    browser = signed_in(vera)
    handler = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    before = handler.setStream(printed := io.StringIO())
    try:
        assert browser.get("/people/").status_code == 403
    finally:
        handler.setStream(before)
    assert printed.getvalue() == "WARNING django.request: Forbidden (Permission denied): /people/ by 'vera'\n"


def test_a_host_that_is_none_of_ours_is_logged_on_one_line(client):
    handler = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    before = handler.setStream(printed := io.StringIO())
    try:
        assert client.get("/login/", headers={"Host": "evil.example"}).status_code == 400
    finally:
        handler.setStream(before)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 1 and "Invalid HTTP_HOST header: 'evil.example'" in lines[0], "strangers would fill the log"


@pytest.mark.parametrize(("keep", "ends_with_browser"), [({"keep": "on"}, False), ({}, True)])
def test_a_session_lasts_twelve_hours_or_as_long_as_the_browser(client, alice, keep, ends_with_browser):
    client.post("/login/", RIGHT | keep)
    assert client.session.get_expire_at_browser_close() is ends_with_browser
    assert client.session.get_expiry_age() == pytest.approx(12 * 3600, abs=60)


def test_sign_out_is_a_post(signed_in, alice):
    browser = signed_in(alice)
    assert browser.get("/logout/").url == "/"
    assert browser.get("/models/").status_code == 200
    response = browser.post("/logout/")
    assert response.url == reverse("login")
    assert response.headers["Clear-Site-Data"] == '"storage"'
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


def test_preferences_by_a_get_lead_to_a_page(client):
    assert client.get("/preferences/").url == "/"


def test_a_made_up_preference_is_ignored_and_no_other_site_is_led_to(client):
    response = client.post("/preferences/", {"theme": '"><script>', "next": "https://example.org/"})
    assert response.url == "/"
    assert not response.cookies


def test_a_tampered_cookie_never_reaches_the_page(client):
    client.cookies["theme"] = '"><b>'
    assert 'data-theme="auto"' in client.get("/login/").text


def test_sessions_that_have_ended_are_deleted_by_the_clock(client, alice):
    client.post("/login/", RIGHT)
    Session.objects.create(session_key="ended", session_data="", expire_date=now() - timedelta(hours=1))
    assert "models_app.account.tasks.clear_sessions" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
    clear_sessions()
    assert [session.pk for session in Session.objects.all()] == [client.session.session_key]


def test_health_is_public(client):
    assert client.get("/healthz/").content == b"ok"
