import contextlib
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils.timezone import now

from common.db.person import Person, Role
from engine.auth import authenticate, keys, permissions
from engine.auth.permissions import check_operation, check_s3
from engine.auth.sigv4 import Caller
from engine.models import AccessKey, Endpoint, EndpointConfig, Model, TrainingJob
from engine.services import SERVICES
from engine.services.dispatch import find_method
from engine.wire import contract
from engine.wire.errors import AwsError
from tests.unit.engine.auth.signing import signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    key, key.secret_text = AccessKey.issue(None, AccessKey.Role.EDITOR, access_key_id="AKID")
    return key


def call(key):
    return authenticate(*signed(key.secret_text, body=b"{}"), sha256(b"{}").hexdigest())


def test_an_issued_key_is_accepted_at_once_and_its_use_is_noted(key):
    assert call(key).key == key
    key.refresh_from_db()
    assert now() - key.last_used < timedelta(seconds=10)


def test_a_known_key_asks_the_database_nothing(key, django_assert_num_queries):
    call(key)
    with django_assert_num_queries(0):
        call(key)


def test_the_use_of_a_key_is_written_once_a_minute(key, django_assert_num_queries):
    result = call(key).key
    result.last_used = now() - timedelta(seconds=61)
    with django_assert_num_queries(1):
        call(key)


def test_a_revoked_key_is_refused_within_five_seconds(key, monkeypatch):
    call(key)
    AccessKey.objects.update(revoked=now())  # by another process: no signal reaches us
    monkeypatch.setattr(keys, "CACHE_SECONDS", 0)
    with pytest.raises(AwsError, match="security token included in the request is invalid"):
        call(key)


def test_a_key_revoked_in_this_process_is_refused_at_once(key):
    call(key)
    key.revoked = now()
    key.save()
    with pytest.raises(AwsError):
        call(key)


def test_the_key_of_a_disabled_user_is_refused(key, django_user_model):
    key.owner = django_user_model.objects.create_user("gone", is_active=False)
    key.save()
    with pytest.raises(AwsError):
        call(key)


def caller(key, service="sagemaker") -> Caller:
    return Caller(key, "us-east-1", service, key.effective_role)


def check(key, operation: str, **members) -> None:
    check_operation(caller(key), contract.operation("sagemaker", operation), members)


@pytest.fixture
def person(django_user_model):
    """person(name, role) is a user with that role."""

    def create(name: str, role: str):
        user = django_user_model.objects.create_user(name)
        Person.objects.create(user=user, role=role)
        return user

    return create


@pytest.mark.parametrize("operation", ["DescribeEndpoint", "ListModels", "ListTags"])
def test_a_viewer_may_read(key, operation):
    key.role = Role.VIEWER
    check(key, operation)
    check_s3(caller(key, "s3"), "GetObject", "read")


@pytest.mark.parametrize("operation", ["CreateModel", "DeleteEndpoint", "StopTrainingJob", "AddTags"])
def test_a_viewer_may_not_change_anything(key, operation):
    key.role = Role.VIEWER
    with pytest.raises(AwsError, match=f"is not authorized to perform: sagemaker:{operation} .* has the role Viewer"):
        check(key, operation)
    for kind in ("write", "admin"):
        with pytest.raises(AwsError, match="PutObject is not allowed. .* has the role Viewer"):
            check_s3(caller(key, "s3"), "PutObject", kind)


def test_an_editor_may_create_and_write_and_overrides_no_protection(key):
    check(key, "CreateModel")
    check_s3(caller(key, "s3"), "DeleteObject", "write")
    with pytest.raises(AwsError, match="has the role Editor; this needs the role Administrator"):
        check_s3(caller(key, "s3"), "DeleteObject", "admin")


@pytest.mark.parametrize("kind", [TrainingJob, Model, EndpointConfig, Endpoint])
def test_an_editor_changes_what_is_theirs_and_an_administrator_everything(key, person, kind):
    alice, bob = person("alice", "editor"), person("bob", "editor")
    row = kind.objects.create(region="us-east-1", name="Mine", owner=alice)
    delete, name = f"Delete{kind.__name__}", f"{kind.__name__}Name"
    for user, allowed in ((alice, True), (bob, False), (person("ada", "administrator"), True), (None, False)):
        key.owner, key.role = user, Role.ADMINISTRATOR if user else Role.EDITOR
        for operation, members in ((delete, {name: "mine"}), ("AddTags", {"ResourceArn": row.arn})):
            if allowed:
                check(key, operation, **members)
            else:
                with pytest.raises(AwsError, match=f"{operation} .* needs the role Administrator.* belongs to alice"):
                    check(key, operation, **members)


def test_an_operation_on_what_is_not_there_is_left_to_say_so(key):
    check(key, "DeleteEndpoint", EndpointName="none")
    check(key, "DeleteEndpoint", EndpointName="\0")
    check(key, "DeleteEndpoint", EndpointName=["no text"])


def test_a_key_does_no_more_than_its_owner_may_now(key, person):
    key.owner, key.role = person("eve", "viewer"), Role.ADMINISTRATOR
    key.save()
    with pytest.raises(AwsError, match="the role Viewer"):
        check(call(key).key, "CreateModel")
    Person.objects.update(role="editor")
    keys._cache.clear()
    check(call(key).key, "CreateModel")
    key.role = Role.VIEWER  # and no more than it was issued for
    with pytest.raises(AwsError, match="the role Viewer"):
        check(key, "CreateModel")


def test_what_is_neither_read_nor_created_nor_owned_is_an_administrators(key):
    tagged = {"ResourceArn": Model.arn_of("us-east-1", "m")}
    for service in SERVICES:
        for name in contract.service(service).operation_names:
            if not find_method(service, name) or name.startswith((*permissions.READS, "Create")):
                continue
            owned = name in ("AddTags", "DeleteTags") or permissions._subject(name, {})[0]
            with contextlib.nullcontext() if owned else pytest.raises(AwsError, match="needs the role Administrator"):
                check_operation(caller(key, service), contract.operation(service, name), tagged)
