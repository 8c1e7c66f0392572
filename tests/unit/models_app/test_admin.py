import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from common.db.person import Person

pytestmark = pytest.mark.django_db
ROWS = ("invitation", "model", "trainingjob", "endpoint", "event", "logline", "metricpoint")


@pytest.fixture
def staff(client, settings):
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.mark.parametrize("row", ROWS)
def test_every_row_can_be_looked_at(staff, training, row):
    training.say("hello")
    assert staff.get(reverse(f"admin:models_app_{row}_changelist")).status_code == 200


def test_a_status_cannot_be_edited(staff, training):
    page = staff.get(reverse("admin:models_app_trainingjob_change", args=[training.pk]))
    assert page.status_code == 200 and b'name="status"' not in page.content
    staff.post(reverse("admin:models_app_trainingjob_change", args=[training.pk]), {"status": "Completed"})
    training.refresh_from_db()
    assert training.status == "InProgress"


def test_people_are_read_there_and_changed_elsewhere(staff):
    bob = User.objects.create_user("bob")
    Person.objects.create(user=bob, role="editor")
    assert b"Editor" in staff.get(reverse("admin:auth_user_changelist")).content
    assert staff.get(reverse("admin:auth_user_add")).status_code == 403
    page = reverse("admin:auth_user_change", args=[bob.pk])
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"username": "bob", "is_superuser": "on"}).status_code == 403
    assert staff.post(reverse("admin:auth_user_delete", args=[bob.pk]), {"post": "yes"}).status_code == 403
