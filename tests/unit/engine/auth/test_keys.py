from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils.timezone import now

from engine.auth import authenticate, keys
from engine.auth.permissions import check_operation, check_s3
from engine.auth.sigv4 import Caller
from engine.models import AccessKey
from engine.wire import contract
from engine.wire.errors import AwsError
from tests.unit.engine.auth.signing import signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    key, key.given_secret = AccessKey.issue(None, AccessKey.Role.EDITOR, access_key_id="AKID")
    return key


def call(key):
    return authenticate(*signed(key.given_secret, body=b"{}"), sha256(b"{}").hexdigest())


def test_an_issued_key_is_accepted_at_once_and_its_use_is_noted(key):
    assert call(key).key == key
    key.refresh_from_db()
    assert now() - key.last_used < timedelta(seconds=10)


def test_a_known_key_asks_the_database_nothing(key, django_assert_num_queries):
    call(key)
    with django_assert_num_queries(0):
        call(key)


def test_the_use_of_a_key_is_written_once_a_minute(key, django_assert_num_queries):
    found = call(key).key
    found.last_used = now() - timedelta(seconds=61)
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


@pytest.mark.parametrize("operation", ["DescribeEndpoint", "ListModels", "ListTags"])
def test_a_viewer_may_read(key, operation):
    key.role = AccessKey.Role.VIEWER
    check_operation(Caller(key, "us-east-1", "sagemaker"), contract.operation("sagemaker", operation), {})
    check_s3(Caller(key, "us-east-1", "s3"), "GetObject", "read")


@pytest.mark.parametrize("operation", ["CreateModel", "DeleteEndpoint", "StopTrainingJob", "AddTags"])
def test_a_viewer_may_not_change_anything(key, operation):
    key.role = AccessKey.Role.VIEWER
    with pytest.raises(AwsError, match=f"is not authorized to perform: sagemaker:{operation} .* the role Viewer"):
        check_operation(Caller(key, "us-east-1", "sagemaker"), contract.operation("sagemaker", operation), {})
    for name, kind in (("PutObject", "write"), ("DeleteBucket", "write"), ("DeleteObject", "admin")):
        with pytest.raises(AwsError, match="may only read"):
            check_s3(Caller(key, "us-east-1", "s3"), name, kind)


def test_an_editor_may_do_everything_but_override_a_protection(key):
    check_operation(Caller(key, "us-east-1", "sagemaker"), contract.operation("sagemaker", "CreateModel"), {})
    check_s3(Caller(key, "us-east-1", "s3"), "DeleteObject", "write")
    with pytest.raises(AwsError, match="only keys with the role Administrator"):
        check_s3(Caller(key, "us-east-1", "s3"), "DeleteObject", "admin")
