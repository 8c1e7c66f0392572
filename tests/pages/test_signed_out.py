"""A page that outlives its session: what its scripts are answered, and how its person signs in again."""

import re
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from models_app.account import live_token
from models_app.account.scripts import PERSON

HTMX = {"HX-Request": "true"}
RIGHT = {"username": "alice", "password": "a-fine-password"}


@pytest.mark.parametrize("address", ["/models/", "/models/churn/", "/jobs/churn-0001/log/", "/models/?q=x"])
def test_a_part_of_a_page_is_never_the_sign_in_page(client, finished, address):
    response = client.get(address, headers=HTMX)
    assert (response.status_code, response.content) == (401, b"")
    assert client.get("/login/", headers=HTMX).status_code == 401


def test_a_script_that_sends_a_file_is_told_so_too(client, alice):
    response = client.post("/buckets/some-bucket/uploads/", headers={PERSON: str(alice.pk)})
    assert response.status_code == 401


def test_the_page_of_one_person_is_not_answered_for_another(signed_in, alice, bob):
    browser = signed_in(bob)
    assert browser.get("/models/", headers=HTMX | {PERSON: str(alice.pk)}).status_code == 401
    assert browser.get("/models/", headers=HTMX | {PERSON: str(bob.pk)}).status_code == 200
    assert browser.get("/models/", headers=HTMX).status_code == 200


def test_a_page_names_its_person_in_each_request_of_its_scripts(signed_in, alice):
    page = signed_in(alice).get("/models/").text
    assert f'"{PERSON}": "{alice.pk}"' in page
    assert "Password of alice" in page


def test_the_session_is_told_with_a_token_that_works(signed_in, alice):
    browser = Client(enforce_csrf_checks=True)
    before = browser.get("/session/").json()
    assert before | {"token": ""} == {"person": "", "name": "", "token": "", "live": ""}
    assert browser.post("/login/", RIGHT, headers={"X-CSRFToken": before["token"]}).status_code == 302
    now = browser.get("/session/").json()
    assert (now["person"], now["name"]) == (str(alice.pk), "alice")
    assert browser.post("/logout/", headers={"X-CSRFToken": before["token"]}).status_code == 403  # it was renewed
    assert browser.post("/logout/", headers={"X-CSRFToken": now["token"]}).status_code == 302
    assert "no-store" in browser.get("/session/")["Cache-Control"]


def test_a_form_with_an_old_token_is_no_403_to_a_script(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post("/models/create/aside/", headers=HTMX).status_code == 401


def test_the_dialog_signs_in_in_place(client, alice):
    wrong = client.post("/login/", RIGHT | {"password": "wrong", "keep": "on"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "4 tries left" in wrong.text and "Password of alice" in wrong.text and "<html" not in wrong.text
    assert 'name="keep" value="on"' in wrong.text
    right = client.post("/login/", RIGHT | {"keep": "on"}, headers=HTMX)
    assert (right.status_code, right["HX-Trigger"]) == (204, "signed-in")
    assert client.get("/session/").json()["person"] == str(alice.pk)


def test_the_dialog_signs_in_though_another_tab_has_signed_in_somebody_else(signed_in, alice, bob):
    browser = signed_in(bob)
    assert browser.post("/login/", RIGHT, headers=HTMX | {PERSON: str(alice.pk)}).status_code == 204
    assert browser.get("/session/").json()["person"] == str(alice.pk)


def test_a_one_time_password_takes_the_whole_page_to_its_replacement(signed_in, alice):
    alice.person.one_time_password = True
    alice.person.save()
    response = signed_in(alice).get("/models/", headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/password/")
    assert signed_in(alice).get("/session/").json()["person"] == str(alice.pk)


def test_the_stream_ends_with_the_session(client, alice, monkeypatch):
    client.post("/login/", RIGHT | {"keep": "on"})
    later = timezone.now() + timedelta(hours=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    host = urlsplit(settings.WEB_URL).netloc
    live = client.get("/session/", headers={"host": host}).json()["live"]
    ticket = live_token.verify(live.partition("token=")[2])
    assert ticket.user_id == alice.pk
    assert ticket.until - time.time() == pytest.approx(3600, abs=60)
    assert live.partition("?")[0] in client.get("/models/", headers={"host": host}).text


def test_sign_out_of_an_ended_session_ends_on_the_sign_in_page(client, alice):
    assert client.post("/logout/").url == "/login/"
    assert client.get("/logout/").url == "/"  # a GET changes nothing


@pytest.mark.parametrize("page", ["/models/", "/models/create/", "/jobs/"])
def test_every_form_of_a_page_can_be_sent_with_a_renewed_token(signed_in, alice, page):
    """static/session.js finds the token by the name of its control."""
    text = signed_in(alice).get(page).text
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>", text)
    assert forms and text.count('name="csrfmiddlewaretoken"') >= len(forms)
