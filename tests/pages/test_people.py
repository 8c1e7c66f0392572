"""People: invitations, roles, disabling and removing."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.db.person import role_of
from models_app.models import Invitation
from models_app.people import actions

PASSWORD = {"new_password1": "quite-a-new-one", "new_password2": "quite-a-new-one"}


@pytest.fixture
def admin(signed_in, ada) -> Client:
    return signed_in(ada)


def invite(browser: Client, name: str = "choi", **fields) -> str:
    """Invite `name` and return the path of the link that is shown."""
    page = browser.post(reverse("invite"), {"username": name, "role": "editor", "days": "7"} | fields)
    assert page.status_code == 200, page.text
    return link_in(page)


def link_in(page) -> str:
    return re.search(r"http://testserver(/invitation/[\w-]+/)", page.text)[1]


def test_the_list_says_what_each_person_may(admin, alice, vera):
    page = admin.get("/people/").text
    for text in ("alice", "Changes nothing.", "Trains, deploys", "People and keys"):
        assert text in page
    content = admin.get("/people/?q=ali").text
    assert "alice" in content and f"/people/{vera.pk}/" not in content


def test_an_invited_person_chooses_a_password_and_is_signed_in(admin, client):
    link = invite(admin, role="viewer")
    choi = User.objects.get(username="choi")
    assert not choi.is_active
    page = client.get(link)
    assert "Welcome, choi" in page.text and "no-store" in page.headers["Cache-Control"]
    assert client.post(link, PASSWORD).url == "/"
    assert client.get("/models/").status_code == 200
    choi.refresh_from_db()
    assert choi.is_active and choi.check_password("quite-a-new-one") and role_of(choi) == "viewer"


def test_a_link_works_once(admin, client):
    link = invite(admin)
    client.post(link, PASSWORD)
    for response in (Client().get(link), Client().post(link, PASSWORD)):
        assert response.status_code == 410
        assert "no longer good" in response.text


def test_somebody_who_is_signed_in_is_told_whom_the_link_signs_out(admin, client):
    link = invite(admin)
    words = "You are signed in as ada. This link is for choi"
    assert words in admin.get(link).text
    assert "You are signed in as" not in client.get(link).text
    assert "Welcome, choi" in admin.post(link, PASSWORD, follow=True).text
    assert admin.get("/people/").status_code == 403, "a viewer's browser now"


def test_a_link_ends(admin, client):
    link = invite(admin, days="1")
    Invitation.objects.update(expires=now() - timedelta(seconds=1))
    assert client.post(link, PASSWORD).status_code == 410
    assert not User.objects.get(username="choi").is_active
    assert "The link has ended" in admin.get("/people/?view=invited").text


def test_a_new_link_replaces_the_old_one(admin, client):
    old = invite(admin)
    new = link_in(admin.post(reverse("person_link", args=[User.objects.get(username="choi").pk])))
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_the_secret_of_a_link_is_not_stored(admin):
    secret = invite(admin).split("/")[2]
    stored = [str(value) for row in Invitation.objects.values_list() for value in row]
    assert not any(secret in value for value in stored)
    assert secret not in admin.get("/people/").text


def test_a_weak_password_keeps_the_link(admin, client):
    link = invite(admin)
    response = client.post(link, dict.fromkeys(PASSWORD, "choi"))
    assert response.status_code == 422 and "too short" in response.text
    assert client.post(link, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"username": "ALICE"}, "There is a person called ALICE already"),
        ({"username": "no spaces"}, "A user name has up to 64"),
        ({"username": "한국"}, "A user name has up to 64"),
        ({"username": "x" * 65}, "64"),
        ({"username": ""}, "required"),
        ({"role": "emperor"}, ""),
        ({"days": "4000"}, ""),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_in_words(admin, alice, fields, says):
    before = User.objects.count()
    response = admin.post(reverse("invite"), {"username": "choi", "role": "editor", "days": "7"} | fields)
    assert response.status_code == 422 and says in response.text
    assert User.objects.count() == before


def test_the_dialog_says_what_a_role_may_and_may_not(admin):
    page = admin.get("/people/invite/?role=viewer&username=kim", headers={"HX-Request": "true"}).text
    assert "<dialog" in page and "<html" not in page
    assert "Not: create models" in page and 'value="kim"' in page
    assert "<html" in admin.get("/people/invite/").text


def test_a_role_holds_at_once(admin, alice, signed_in):
    browser = signed_in(alice)
    assert browser.get("/models/create/").status_code == 200
    assert admin.post(reverse("person_role", args=[alice.pk]), {"role": "viewer"}).status_code == 302
    assert browser.get("/models/create/").status_code == 403
    assert admin.post(reverse("person_role", args=[alice.pk]), {"role": "king"}).status_code == 422


def test_a_superuser_who_gets_another_role_is_one_no_more(admin, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True, is_staff=True)
    admin.post(reverse("person_role", args=[alice.pk]), {"role": "editor"})
    alice = User.objects.get(pk=alice.pk)
    assert role_of(alice) == "editor" and not alice.is_staff


def test_a_disabled_person_is_signed_out_for_good(admin, alice, signed_in):
    browser = signed_in(alice)
    admin.post(reverse("person_disable", args=[alice.pk]))
    assert browser.get("/models/").url.startswith("/login/")
    assert browser.post("/login/", {"username": "alice", "password": "a-fine-password"}).status_code == 422
    admin.post(reverse("person_enable", args=[alice.pk]))
    assert browser.get("/models/").url.startswith("/login/")  # the old session does not come back to life
    assert browser.post("/login/", {"username": "alice", "password": "a-fine-password"}).status_code == 302
    assert Session.objects.count() == 2


def test_a_link_ends_with_its_person(admin, client, alice):
    link = link_in(admin.post(reverse("person_link", args=[alice.pk])))
    admin.post(reverse("person_disable", args=[alice.pk]))
    assert client.post(link, PASSWORD).status_code == 410
    assert admin.post(reverse("person_link", args=[alice.pk])).status_code == 422
    assert not User.objects.get(pk=alice.pk).is_active


def test_a_link_for_a_new_password_ends_the_sessions_of_the_old_one(admin, client, alice, signed_in):
    browser = signed_in(alice)
    link = link_in(admin.post(reverse("person_link", args=[alice.pk])))
    assert client.post(link, PASSWORD).status_code == 302
    assert browser.get("/models/").url.startswith("/login/")


def test_an_administrator_always_remains(admin, ada, alice):
    for name, fields in (("person_role", {"role": "viewer"}), ("person_disable", {}), ("person_remove", {})):
        response = admin.post(reverse(name, args=[ada.pk]), fields)
        assert response.status_code == 422
        assert "last administrator" in response.text or "This is you" in response.text
    User.objects.filter(pk=alice.pk).update(is_superuser=True, is_active=False)
    invite(admin, "eve", role="administrator")  # neither of these can sign in
    assert admin.post(reverse("person_role", args=[ada.pk]), {"role": "editor"}).status_code == 422
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert admin.post(reverse("person_role", args=[ada.pk]), {"role": "editor"}).status_code == 302
    with pytest.raises(actions.Problem, match="last administrator"):
        actions.remove(ada, alice)


def test_a_person_with_models_is_not_removed_and_says_why(admin, finished, alice, bob):
    response = admin.post(reverse("person_remove", args=[alice.pk]))
    assert response.status_code == 422 and "alice owns models (1)" in response.text
    assert admin.post(reverse("person_remove", args=[bob.pk])).url == "/people/"
    assert not User.objects.filter(pk=bob.pk).exists()
    assert admin.get(reverse("person", args=[bob.pk])).status_code == 404


def test_the_views_of_the_list(admin, alice, bob):
    invite(admin)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    User.objects.filter(pk=alice.pk).update(last_login=now() - timedelta(days=31))
    for view, name in (("invited", "choi"), ("disabled", "bob"), ("idle", "alice")):
        page = admin.get(f"/people/?view={view}").text
        assert re.findall(r'class="t-name"[^>]*>(\w+)<', page) == [name]


def test_the_navigation_leads_there_and_not_to_the_admin(admin, signed_in, alice):
    page = admin.get("/").text
    assert 'href="/people/"' in page and 'href="/admin/"' not in page
    page = signed_in(alice).get("/").text
    assert 'href="/people/"' not in page and 'href="/keys/"' in page


def test_on_aws_the_keys_page_says_that_keys_come_from_iam(settings, signed_in, alice):
    settings.BACKEND = "aws"
    browser = signed_in(alice)
    assert "Keys come from IAM" in browser.get("/keys/").text
    assert browser.post("/keys/create/", {"label": "laptop"}).status_code == 404


def test_without_the_engine_the_pages_still_open(admin, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "SWKIANOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    assert "No answer from http://127.0.0.1:9" in admin.get("/keys/").text
    assert admin.get("/people/").status_code == 200
