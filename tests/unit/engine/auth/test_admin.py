import html
import re

import pytest
from django.urls import reverse

from engine.auth import authenticate
from engine.models import AccessKey
from tests.unit.engine.auth.signing import signed

pytestmark = pytest.mark.django_db
LIST = "admin:engine_accesskey_changelist"


@pytest.fixture
def staff(client, django_user_model, settings):
    # The admin's pages without the console's static files, which are collected only for a real start.
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "whitenoise" not in m]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    user = django_user_model.objects.create_superuser("root", password="a long password")
    client.force_login(user)
    client.user = user
    return client


def issue(staff):
    form = {"owner": staff.user.pk, "role": "editor", "note": "laptop"}
    page = staff.post(reverse("admin:engine_accesskey_add"), form)
    text = html.unescape(page.content.decode())
    found = re.search(r"<dd><code>(\S+?)</code></dd>.*<dd><code>(\S+?)</code></dd>", text, re.DOTALL)
    return page, found.groups()


def test_an_issued_key_works_and_its_secret_is_shown_once(staff):
    page, (key_id, secret) = issue(staff)
    assert "no-store" in page.headers["Cache-Control"]
    assert not [cookie for cookie in staff.cookies.values() if secret in cookie.value]
    key = AccessKey.objects.get()
    assert (key.access_key_id, key.owner, key.role, key.note) == (key_id, staff.user, "editor", "laptop")
    request = signed(secret, "sts", id=key_id)
    assert authenticate(*request).key == key
    for page in (reverse(LIST), reverse("admin:engine_accesskey_change", args=[key.pk])):
        assert secret not in staff.get(page).content.decode()


def test_the_admin_has_the_products_name_its_icon_and_a_way_back(staff):
    page = staff.get(reverse("admin:index")).content.decode()
    assert "Sagewright administration" in page and "Django" not in page
    assert 'rel="icon"' in page and f'<a href="{reverse("dashboard")}">Back to the console</a>' in page


def test_role_and_note_can_change_but_nothing_else(staff):
    issue(staff)
    key = AccessKey.objects.get()
    page = reverse("admin:engine_accesskey_change", args=[key.pk])
    staff.post(page, {"role": "viewer", "note": "phone", "access_key_id": "mine", "secret_encrypted": "x"})
    changed = AccessKey.objects.get()
    assert (changed.role, changed.note) == ("viewer", "phone")
    assert (changed.access_key_id, changed.secret) == (key.access_key_id, key.secret)


def test_keys_are_revoked_and_restored_but_not_deleted(staff):
    issue(staff)
    key = AccessKey.objects.get()
    act = {"_selected_action": [key.pk]}
    staff.post(reverse(LIST), act | {"action": "revoke"})
    assert not AccessKey.objects.get().is_active
    staff.post(reverse(LIST), act | {"action": "restore"})
    assert AccessKey.objects.get().is_active
    assert staff.post(reverse("admin:engine_accesskey_delete", args=[key.pk]), {"post": "yes"}).status_code == 403
    staff.post(reverse(LIST), act | {"action": "delete_selected", "post": "yes"})
    assert AccessKey.objects.count() == 1
