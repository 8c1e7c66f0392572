import pytest
from django.urls import reverse

from engine.models import AccessKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, django_user_model, settings):
    # The admin's pages without the console's static files, which are collected only for a real start.
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "whitenoise" not in m]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    user = django_user_model.objects.create_superuser("root", password="a long password")
    client.force_login(user)
    client.user = user
    return client


def test_keys_are_read_there_and_their_secrets_are_not(staff):
    key, secret = AccessKey.issue(staff.user, "editor", "laptop")
    page = reverse("admin:engine_accesskey_change", args=[key.pk])
    for path in (reverse("admin:engine_accesskey_changelist"), page):
        text = staff.get(path).content.decode()
        assert "laptop" in text and secret not in text and "secret_encrypted" not in text
    assert staff.post(page, {"role": "administrator"}).status_code == 403
    assert staff.get(reverse("admin:engine_accesskey_add")).status_code == 403
    assert AccessKey.objects.get().role == "editor"


def test_the_admin_has_the_products_name_its_icon_and_a_way_back(staff):
    page = staff.get(reverse("admin:index")).content.decode()
    assert "Sagewright administration" in page and "Django" not in page
    assert 'rel="icon"' in page and f'<a href="{reverse("dashboard")}">Back to the console</a>' in page
