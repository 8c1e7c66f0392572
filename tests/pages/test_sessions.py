"""Where a person is signed in, and how they sign out of other browsers."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from models_app.account.sessions import browser_name

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1"


def sign_in(name: str, agent: str, address: str = "192.0.2.7") -> Client:
    browser = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    assert browser.post("/login/", {"username": name, "password": "a-fine-password"}).status_code == 302
    return browser


def ids(page: str) -> list[str]:
    return re.findall(r"/sessions/(\w+)/end/", page)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome, Linux"),
        (EDGE, "Edge, Windows"),
        (FIREFOX, "Firefox, macOS"),
        (PHONE, "Safari, iPhone"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_by_what_it_says_of_itself(agent, name):
    assert browser_name(agent) == name


def test_one_sees_ones_own_sessions_and_this_one_first(alice, bob):
    sign_in("alice", FIREFOX, "198.51.100.9")
    sign_in("bob", EDGE)
    page = sign_in("alice", CHROME).get("/sessions/").text
    assert page.index("Chrome, Linux") < page.index("This browser") < page.index("Firefox, macOS")
    assert "198.51.100.9" in page
    assert "Edge" not in page
    assert len(ids(page)) == 1, "the session one looks from is ended by signing out"
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))


def test_a_browser_is_signed_out_from_another(alice):
    lost, here = sign_in("alice", PHONE), sign_in("alice", CHROME)
    address = f"/sessions/{ids(here.get('/sessions/').text)[0]}/end/"
    assert "That browser is signed out." in here.post(address, follow=True).text
    assert "That browser was signed out already." in here.post(address, follow=True).text
    assert lost.get("/models/").url == "/login/?next=/models/"
    assert here.get("/models/").status_code == 200


def test_signing_out_everywhere_else_leaves_this_browser_and_other_people(alice, bob):
    others, of_bob, here = [sign_in("alice", PHONE) for _ in range(3)], sign_in("bob", EDGE), sign_in("alice", CHROME)
    page = here.post("/sessions/end/", follow=True).text
    assert "3 other browsers are signed out." in page
    assert "Sign out everywhere else" not in page
    assert [browser.get("/models/").status_code for browser in (*others, of_bob, here)] == [302, 302, 302, 200, 200]


def test_nobody_ends_the_session_of_another(alice, bob):
    of_alice = sign_in("alice", CHROME)
    sign_in("alice", PHONE)
    address = f"/sessions/{ids(of_alice.get('/sessions/').text)[0]}/end/"
    assert "was signed out already" in sign_in("bob", EDGE).post(address, follow=True).text
    assert len(ids(of_alice.get("/sessions/").text)) == 1


def test_a_session_of_before_is_listed_without_what_was_not_recorded(alice, signed_in):
    old = signed_in(alice)
    session = Session.objects.get()
    session.session_data = Session.get_session_store_class()().encode(
        {name: value for name, value in session.get_decoded().items() if name.startswith("_auth")}
    )
    session.save()
    assert "Another program" in old.get("/sessions/").text


def test_a_session_without_its_person_ends_and_an_open_page_is_no_person(alice, settings, monkeypatch):
    settings.IDLE_LIMIT = 1800
    clock = [1_000_000.0]
    monkeypatch.setattr("models_app.account.middleware.time.time", lambda: clock[0])
    browser = sign_in("alice", CHROME)

    def after(minutes: float, address: str = "/models/", **headers: str) -> int:
        clock[0] += minutes * 60
        return browser.get(address, headers=headers).status_code

    assert [after(25), after(25), after(25)] == [200, 200, 200], "a person who comes back in time"
    poll = {"HX-Request": "true", "X-Poll": "true"}
    assert [after(20, **poll), after(9, **poll), after(9, **poll)] == [200, 200, 401], "a page that is left alone"
    assert after(0) == 302
    settings.IDLE_LIMIT = 0
    browser = sign_in("alice", CHROME)
    assert [after(0), after(700)] == [200, 200]


def test_the_account_menu_says_the_role_in_ones_language(alice, signed_in):
    browser = signed_in(alice)
    browser.cookies["language"] = "ko"
    assert "편집자" in browser.get("/sessions/").text
