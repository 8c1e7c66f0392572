"""The console's pages of access keys, over the wire to a real control plane."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from common.db.person import Person
from engine.models import AccessKey
from tests.wire.refusals import refused


@pytest.fixture
def console(engine, settings, monkeypatch):
    """console(name, role) is a browser in which a person with that role is signed in."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    key, secret = AccessKey.issue(None, "administrator", "The console itself")
    for name, value in (("ENDPOINT_URL", engine.url), ("ACCESS_KEY_ID", str(key)), ("SECRET_ACCESS_KEY", secret)):
        monkeypatch.setenv(f"AWS_{name}", value)

    def sign_in(name: str, role: str) -> Client:
        user = User.objects.create(username=name)
        Person.objects.create(user=user, role=role)
        browser = Client()
        browser.force_login(user)
        browser.user = user
        return browser

    return sign_in


def create(browser: Client, label: str = "laptop") -> tuple[str, str]:
    """Create a key on the page; its id and secret."""
    page = browser.post("/keys/create/", {"label": label})
    assert "no-store" in page.headers["Cache-Control"]
    code = html.unescape(re.sub(r"<[^>]*>", "", page.text))
    match = re.search(r"export AWS_ACCESS_KEY_ID=(\S+)\s+export AWS_SECRET_ACCESS_KEY=(\S+)", code)
    assert match, code
    for spelling in ("$env:AWS_SECRET_ACCESS_KEY", "[profile sagewright]", "boto3.client(", "docker run"):
        assert spelling in code
    return match.groups()


def test_everybody_creates_stops_and_deletes_keys_of_their_own(console, engine):
    vera = console("vera", "viewer")
    assert "No keys yet" in vera.get("/keys/").text
    key, secret = create(vera)
    iam = engine.client("iam", key=key, secret=secret)
    assert iam.list_access_keys()["AccessKeyMetadata"][0]["AccessKeyId"] == key
    page = vera.get("/keys/").text
    assert key in page and "laptop" in page and secret not in page and "Keys of others" not in page

    assert "within five seconds" in vera.get(f"/keys/{vera.user.pk}/{key}/stop/").text
    assert vera.post(f"/keys/{vera.user.pk}/{key}/stop/").url == "/keys/"
    with refused("InvalidClientTokenId", status=403):
        iam.list_access_keys()
    vera.post(f"/keys/{vera.user.pk}/{key}/start/")
    assert iam.list_access_keys()["AccessKeyMetadata"]
    vera.post(f"/keys/{vera.user.pk}/{key}/delete/")
    assert not AccessKey.objects.filter(access_key_id=key).exists()
    assert vera.post(f"/keys/{vera.user.pk}/{key}/delete/").status_code == 404


@pytest.mark.parametrize("label", ["", "x" * 65, "alice's", "Laptop"])
def test_a_label_that_cannot_be_creates_no_key(console, label):
    alice = console("alice", "editor")
    create(alice)
    response = alice.post("/keys/create/", {"label": label})  # also the second one of a form sent twice
    assert response.status_code == 422 and 'aria-invalid="true"' in response.text
    assert AccessKey.objects.filter(owner=alice.user).count() == 1


def test_administrators_see_and_stop_the_keys_of_others_and_nobody_else_does(console):
    alice, bob, ada = console("alice", "editor"), console("bob", "editor"), console("ada", "administrator")
    key, _ = create(alice)
    for action in ("stop", "start", "delete"):
        assert bob.post(f"/keys/{alice.user.pk}/{key}/{action}/").status_code == 404
        assert bob.post(f"/keys/{bob.user.pk}/{key}/{action}/").status_code == 404
    page = ada.get("/keys/").text
    assert "Keys of others" in page and key in page
    assert ada.get("/people/").text.count('class="num">1<') == 1
    assert key in ada.get(f"/people/{alice.user.pk}/").text
    ada.post(f"/keys/{alice.user.pk}/{key}/stop/")
    assert AccessKey.objects.get(access_key_id=key).revoked
