"""What a person types fits its column, or is refused with the rule. PostgreSQL refuses what SQLite takes."""

import pytest
from django.core.management import CommandError, call_command

from jobs import JobSpec
from jobs.spec import OPTIONS
from models_app.create import checks
from models_app.models import Model, Upload

LONG = "열" * 5000


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("alice")


def test_the_name_of_a_column_may_have_any_length(owner):
    Model.objects.create(name="a", owner=owner, target=LONG)
    assert Model.objects.get().target == LONG


def test_an_upload_is_known_by_whatever_the_browser_says_of_its_file(owner):
    file = f"{LONG[:255]}|1|{'9' * 4000}"
    Upload.objects.create(owner=owner, file=file, size=1, part_size=1)
    assert Upload.objects.get().file == file


ROWS = [option for option in OPTIONS if option.row and option.type in (str, int)]


@pytest.mark.parametrize("option", ROWS, ids=lambda option: option.name)
def test_an_option_that_does_not_fit_its_column_is_named(option):
    too_much = 2**31 if option.type is int else "x" * 1201
    (problem,) = checks.column_limits(JobSpec().but(**{option.name: too_much}))
    assert problem.field == option.name
    assert ("2,147,483,647" if option.type is int else "characters, not 1,201") in problem.message


def test_the_longest_that_fits_passes(owner):
    texts = {o.name: Model._meta.get_field(o.name).max_length for o in ROWS if o.type is str}
    spec = JobSpec(**{name: "x" * n for name, n in texts.items()}, **{o.name: 2**31 - 1 for o in ROWS if o.type is int})
    assert list(checks.column_limits(spec)) == []
    Model.objects.create(name="a", owner=owner, **spec.as_row())


def test_the_first_user_has_a_name_that_fits(db, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_FIRST_USER", "x" * 151)
    with pytest.raises(CommandError, match="SAGEWRIGHT_FIRST_USER: .*at most 150 characters"):
        call_command("first_user")
