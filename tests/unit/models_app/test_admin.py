import pytest
from django.contrib.auth.models import User
from django.urls import reverse

pytestmark = pytest.mark.django_db
ROWS = ("model", "trainingjob", "endpoint", "event", "logline", "metricpoint")


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


def test_an_administrator_makes_people_and_gives_them_roles(staff):
    form = {
        "username": "bob",
        "password1": "a very long one 7",
        "password2": "a very long one 7",
        "usable_password": "true",
    }
    staff.post(reverse("admin:auth_user_add"), form)
    bob = User.objects.get(username="bob")
    page = staff.get(reverse("admin:auth_user_change", args=[bob.pk]))
    assert b"person-0-role" in page.content
    staff.post(
        reverse("admin:auth_user_change", args=[bob.pk]),
        {
            "username": "bob",
            "is_active": "on",
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00:00",
            "person-TOTAL_FORMS": "1",
            "person-INITIAL_FORMS": "0",
            "person-0-role": "editor",
            "person-0-user": str(bob.pk),
        },
    )
    assert User.objects.get(username="bob").person.role == "editor"
    assert b"Editor" in staff.get(reverse("admin:auth_user_changelist")).content
