"""Who may open what: every address, every role. A new address without a role fails here."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import URLPattern

from common.db.person import Role
from common.permissions import ROLES
from models_app.models import TransformJob, TuningJob
from tests.addresses import addresses, url_of

PUBLIC = {"login", "logout", "admin_logout", "session", "healthz", "preferences", "invitation", "admin_login"}
OWN_THINGS_ONLY = {
    "models_delete",
    "model_stop",
    "model_deploy",
    "model_delete",
    "job_stop",
    "endpoint_delete",
    "endpoints_stop",
    "transform_stop",
    "transform_retry",
    "job_retry",
    "tuning_stop",
    "tuning_delete",
    "endpoint_capture_change",
}
ARGUMENTS = {
    "": {"bucket": "some-bucket"},
    "models": {"name": "churn", "intent": "00000000-0000-4000-8000-000000000000", "pk": 1_000_000},
    "samples": {"sample": "iris"},
    "jobs": {"name": "churn-0001", "pk": 1_000_000},
    "endpoints": {"name": "churn"},
    "notebooks": {"name": "churn-work"},
    "batch": {"name": "churn-batch", "pk": 1_000_000},
    "tuning": {"name": "churn-tuning", "pk": 1_000_000},
    "uploads": {"pk": 1_000_000, "number": 1},
    "people": {"pk": 1_000_000},
    "sessions": {"session_id": "none"},
    "notifications": {"pk": 1_000_000},
    "keys": {"pk": 1_000_000, "key_id": "SWKIANOBODY"},
    "invitation": {"secret": "none"},
    "help": {"page": "docs/glossary"},
}
STORE_AWAY = 503


ALL = addresses()
GUARDED = [p for p in ALL if p.name not in PUBLIC]


def role_of_view(pattern: URLPattern) -> str | None:
    view = pattern.callback
    return getattr(view, "role", None) or getattr(getattr(view, "view_class", None), "role", None)


def ask(browser, pattern: URLPattern):
    """The answer to a GET; to a POST or a PUT where only that acts."""
    url, method = url_of(pattern, ARGUMENTS), getattr(pattern.callback, "method", "GET")
    return browser.put(url) if method == "PUT" else getattr(browser, method.lower())(url, {"name": "churn"})


def named(patterns):
    return pytest.mark.parametrize("pattern", patterns, ids=lambda p: p.name)


@pytest.fixture
def things(finished):
    """Alice's model, job, endpoint, batch prediction and tuning job, so that every address leads somewhere."""
    TransformJob.objects.create(name="churn-batch", model=finished, owner=finished.owner)
    TuningJob.objects.create(name="churn-tuning", owner=finished.owner)


def test_every_address_names_its_role():
    assert [pattern for pattern in GUARDED if not pattern.name] == []
    without = [pattern.name for pattern in GUARDED if role_of_view(pattern) not in ROLES]
    assert without == [], "put @requires(Action....) on their views"


@named([p for p in ALL if p.name == "admin_login" or p in GUARDED])
def test_a_stranger_is_sent_to_sign_in(client, pattern):
    response = ask(client, pattern)
    assert response.status_code == 302
    assert response.url.startswith("/login/?next=")


@named([p for p in ALL if p.name in PUBLIC and p.name != "admin_login"])
def test_what_is_public_asks_nobody_to_sign_in(client, pattern):
    response = ask(client, pattern)
    assert response.status_code in (200, 302, 410)
    assert "/login/?next=" not in response.headers.get("Location", "")


@named(GUARDED)
def test_a_role_opens_what_it_should_and_nothing_else_and_no_cache_keeps_it(signed_in, alice, things, pattern):
    for role in Role:
        with transaction.atomic():  # what one of them did is undone for the next
            alice.person.role = role
            alice.person.save()
            response = ask(signed_in(alice), pattern)
            transaction.set_rollback(True)
        cache.clear()
        assert "no-store" in response.headers["Cache-Control"], role
        if ROLES.index(role) < ROLES.index(role_of_view(pattern)):
            assert response.status_code == 403, role
            assert f"needs the role {Role(role_of_view(pattern)).label}" in response.text
            assert f"Your role is {Role(role).label}" in response.text
        else:
            assert response.status_code < 500 or response.status_code == STORE_AWAY, role
            assert response.status_code not in (403, 405), role  # an address that takes no GET is @post_only
            assert not response.headers.get("Location", "").startswith("/login/?next="), role


@named([p for p in GUARDED if p.name in OWN_THINGS_ONLY])
def test_an_editor_changes_only_their_own_things(signed_in, bob, ada, things, pattern):
    assert ask(signed_in(bob), pattern).status_code == 403
    assert ask(signed_in(ada), pattern).status_code != 403


def test_a_form_without_its_token_is_refused_in_words(alice, things):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    response = browser.post("/models/churn/stop/")
    assert response.status_code == 403
    assert "This form has expired" in response.text


def test_a_disabled_person_is_signed_out(signed_in, alice):
    browser = signed_in(alice)
    alice.is_active = False
    alice.save()
    assert browser.get("/models/").url == "/login/?next=/models/"


def test_the_admin_is_for_staff(signed_in, ada, alice):
    assert signed_in(alice).get("/admin/").status_code == 302
    ada.is_staff = ada.is_superuser = True
    ada.save()
    assert signed_in(ada).get("/admin/").status_code == 200
