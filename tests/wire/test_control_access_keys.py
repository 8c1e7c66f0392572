"""IAM's operations on access keys: people manage their own, administrators everybody's."""

import pytest

from common.db.person import Person
from engine.auth import keys
from engine.models import AccessKey
from engine.services.access_keys import MAX_KEYS
from tests.wire import asks
from tests.wire.refusals import refused


@pytest.fixture
def person(engine, django_user_model):
    """person(name, role) creates a user; the client of `service` that it returns signs with a key of theirs."""

    def create(name: str, role: str, key_role: str = "administrator"):
        user = django_user_model.objects.create(username=name)
        Person.objects.create(user=user, role=role)
        key, secret = AccessKey.issue(user, key_role)
        return lambda service="iam": engine.client(service, key=key.access_key_id, secret=secret)

    return create


def client_of(engine, created: dict, service="iam"):
    return engine.client(service, key=created["AccessKeyId"], secret=created["SecretAccessKey"])


def test_people_manage_their_own_keys(engine, person):
    iam = person("vera", "viewer")()
    created = iam.create_access_key()["AccessKey"]
    assert (created["UserName"], created["Status"]) == ("vera", "Active")
    second = client_of(engine, created)
    listed = second.list_access_keys()["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in listed][-1] == created["AccessKeyId"]
    assert all("SecretAccessKey" not in key for key in listed)
    iam.tag_user(UserName="vera", Tags=[{"Key": created["AccessKeyId"], "Value": "laptop"}])
    assert iam.list_user_tags(UserName="vera")["Tags"] == [{"Key": created["AccessKeyId"], "Value": "laptop"}]
    used = iam.get_access_key_last_used(AccessKeyId=created["AccessKeyId"])
    assert used["UserName"] == "vera" and used["AccessKeyLastUsed"]["LastUsedDate"]

    iam.update_access_key(AccessKeyId=created["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId", status=403):
        second.list_access_keys()
    iam.update_access_key(AccessKeyId=created["AccessKeyId"], Status="Active")
    assert second.list_access_keys()["AccessKeyMetadata"]
    iam.delete_access_key(AccessKeyId=created["AccessKeyId"])
    with refused("NoSuchEntity", status=404):
        iam.delete_access_key(AccessKeyId=created["AccessKeyId"])


def test_nobody_but_an_administrator_manages_the_keys_of_others(person):
    ada, bob = person("ada", "administrator")(), person("bob", "editor")()
    key = ada.create_access_key()["AccessKey"]["AccessKeyId"]
    for call in (
        lambda: bob.create_access_key(UserName="ada"),
        lambda: bob.list_access_keys(UserName="ada"),
        lambda: bob.update_access_key(UserName="ada", AccessKeyId=key, Status="Inactive"),
        lambda: bob.update_access_key(AccessKeyId=key, Status="Inactive"),
        lambda: bob.delete_access_key(AccessKeyId=key),
        lambda: bob.get_access_key_last_used(AccessKeyId=key),
        lambda: bob.tag_user(UserName="ada", Tags=[{"Key": key, "Value": "mine"}]),
        lambda: bob.list_user_tags(UserName="ada"),
    ):
        with refused("AccessDenied", status=403) as caught:
            call()
        assert "this needs the role Administrator" in caught.message
    with refused("NoSuchEntity", status=404):  # a key of others is not a key of one's own
        bob.update_access_key(UserName="bob", AccessKeyId=key, Status="Inactive")
    with refused("InvalidInput"):
        bob.tag_user(UserName="bob", Tags=[{"Key": key, "Value": "mine"}])
    created = ada.create_access_key(UserName="bob")["AccessKey"]
    assert ada.list_access_keys(UserName="bob")["AccessKeyMetadata"][-1]["AccessKeyId"] == created["AccessKeyId"]
    assert AccessKey.objects.get(access_key_id=key).is_active


def test_a_new_key_may_do_what_its_owner_may_and_no_more(engine, person):
    ada = person("ada", "administrator")()
    person("vera", "viewer")
    created = ada.create_access_key(UserName="vera")["AccessKey"]
    with refused("AccessDeniedException", status=403):
        client_of(engine, created, "sagemaker").create_model(**asks.model())
    Person.objects.filter(user__username="vera").update(role="editor")
    keys._cache.clear()
    assert client_of(engine, created, "sagemaker").create_model(**asks.model())


def test_a_key_of_a_lower_role_does_not_create_a_higher_one(engine, person):
    reading = person("ada", "administrator", key_role="viewer")()
    created = reading.create_access_key()["AccessKey"]
    with refused("AccessDeniedException", status=403):
        client_of(engine, created, "sagemaker").create_model(**asks.model())


def test_a_person_has_so_many_keys_and_no_more(person):
    iam = person("eve", "editor")()
    for _ in range(MAX_KEYS - 1):
        iam.create_access_key()
    with refused("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}", status=409):
        iam.create_access_key()
    pages = iam.get_paginator("list_access_keys").paginate(PaginationConfig={"PageSize": 4})
    sizes = [len(page["AccessKeyMetadata"]) for page in pages]
    assert sizes == [4, 4, 2]


def test_who_is_not_there_is_named(engine, person):
    ada = person("ada", "administrator")()
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", status=404):
        ada.create_access_key(UserName="nobody")
    key, secret = AccessKey.issue(None, "administrator")
    installation = engine.client("iam", key=key.access_key_id, secret=secret)
    with refused("ValidationError", "Must specify userName when calling with non-User credentials"):
        installation.create_access_key()
    with refused("AccessDenied", status=403):
        engine.client("iam").create_access_key()  # a key without an owner, of the role editor
    with refused("NoSuchEntity", status=404):
        ada.get_access_key_last_used(AccessKeyId=key.access_key_id)
