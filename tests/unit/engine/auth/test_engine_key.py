"""The key that the engine's own processes read and write objects with."""

import pytest

from engine import store
from engine.auth import authenticate, keys, permissions
from engine.auth.errors import RequestError
from engine.wire.errors import AwsError
from tests.unit.engine.auth.signing import presigned, signed


def test_it_signs_for_s3_and_needs_no_database():
    caller = authenticate(*signed(store.secret_key(), "s3", "PUT", "/bucket/key", b"x", id=store.ACCESS_KEY_ID))
    permissions.check_s3(caller, "PutObject", "write")
    keys.record_use(caller.key)
    assert str(caller.key) == store.ACCESS_KEY_ID
    assert authenticate(*presigned(store.secret_key(), id=store.ACCESS_KEY_ID)).service == "s3"


def test_another_secret_is_refused():
    with pytest.raises(RequestError, match="signature"):
        authenticate(*signed("guess", "s3", "GET", "/bucket/key", id=store.ACCESS_KEY_ID))


@pytest.mark.django_db
@pytest.mark.parametrize("service", ["sagemaker", "sts", "logs"])
def test_no_other_service_knows_it(service):
    with pytest.raises(AwsError, match="security token|access key|Access Key"):
        authenticate(*signed(store.secret_key(), service, id=store.ACCESS_KEY_ID))


def test_every_deployment_has_its_own(settings):
    before = store.secret_key()
    settings.SECRET_KEY = "another one"
    assert store.secret_key() != before
    assert settings.SECRET_KEY not in store.secret_key()
