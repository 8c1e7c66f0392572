"""Bucket policies over the wire: they deny, they lock nobody out for good, and they open nothing unless that is set."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.wire.gateway.conftest import REGION, running
from tests.wire.gateway.raw import send, sign

NAME = "policies"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]}


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    return caught.value.response["Error"]["Code"]


def document(*statements, bucket: str = NAME) -> str:
    whole = {"Effect": "Deny", "Principal": "*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole | statement for statement in statements]})


@pytest.fixture(scope="module")
def admin(world):
    client = world.client(role="administrator")
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("open/1", "open/2", "kept/1", "kept/2"):
        client.put_object(Bucket=NAME, Key=key, Body=key.encode())
    yield client
    client.close()


@pytest.fixture
def policy(admin):
    yield lambda *statements: admin.put_bucket_policy(Bucket=NAME, Policy=document(*statements))
    admin.delete_bucket_policy(Bucket=NAME)


def test_a_deny_holds_for_every_way_to_what_it_names(world, s3, admin, policy):
    remaining = [f"arn:aws:s3:::{NAME}/kept/*"]
    policy({"Action": ["s3:DeleteObject*", "s3:GetObject"], "Resource": remaining})
    for client in (s3, admin):
        assert code_of(client.delete_object, Bucket=NAME, Key="kept/1") == "AccessDenied"
        assert code_of(client.get_object, Bucket=NAME, Key="kept/1") == "AccessDenied"
        assert code_of(client.copy_object, Bucket=NAME, Key="open/3", CopySource=f"{NAME}/kept/1") == "AccessDenied"
        assert client.get_object(Bucket=NAME, Key="open/1")["Body"].read() == b"open/1"
        assert client.list_objects_v2(Bucket=NAME)["KeyCount"] >= 4
    keys = [{"Key": key} for key in ("kept/1", "open/1", "kept/2")]
    answer = s3.delete_objects(Bucket=NAME, Delete={"Objects": keys})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["open/1"]
    assert {(e["Key"], e["Code"]) for e in answer["Errors"]} == {("kept/1", "AccessDenied"), ("kept/2", "AccessDenied")}
    answer = s3.delete_objects(Bucket=NAME, Delete={"Objects": keys[:1], "Quiet": True})
    assert ([e["Key"] for e in answer["Errors"]], "Deleted" in answer) == (["kept/1"], False)
    address = s3.generate_presigned_url("get_object", Params={"Bucket": NAME, "Key": "kept/1"})
    assert send(world, "GET", address.removeprefix(world.url)).status == 403
    odd = f"/{NAME}/kept%2F1"
    assert send(world, "GET", odd, sign(world, "GET", odd)).status == 403


def test_a_deny_by_condition_holds_where_the_condition_does(s3, policy):
    policy({"Action": "s3:ListBucket", "Condition": {"StringNotLike": {"s3:prefix": "open/*"}}},
           {"Action": "s3:PutObject", "Condition": {"StringLike": {"s3:x-amz-acl": "priv*"}}})  # fmt: skip
    assert s3.list_objects_v2(Bucket=NAME, Prefix="open/")["KeyCount"] >= 1
    assert code_of(s3.list_objects_v2, Bucket=NAME, Prefix="kept/") == "AccessDenied"
    assert code_of(s3.list_objects, Bucket=NAME) == "AccessDenied"
    assert code_of(s3.put_object, Bucket=NAME, Key="acl", Body=b"", ACL="private") == "AccessDenied"
    s3.put_object(Bucket=NAME, Key="acl", Body=b"")


def test_a_policy_locks_neither_an_administrator_nor_the_engine_out(world, s3, admin):
    admin.put_bucket_policy(Bucket=NAME, Policy=document({"Action": "*"}))
    assert code_of(admin.list_objects_v2, Bucket=NAME) == "AccessDenied"
    assert code_of(s3.get_bucket_policy, Bucket=NAME) == "AccessDenied"
    key, secret = world.run("from engine import store; answer = [store.ACCESS_KEY_ID, store.secret_key()]")
    engine = world.client(key=key, secret=secret)
    assert engine.get_object(Bucket=NAME, Key="kept/1")["Body"].read() == b"kept/1"
    engine.close()
    assert json.loads(admin.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"][0]["Action"] == "*"
    admin.delete_bucket_policy(Bucket=NAME)
    assert admin.list_objects_v2(Bucket=NAME)["KeyCount"] >= 3


def test_only_an_administrator_sets_or_deletes_a_policy_that_decides(s3, admin, policy):
    assert code_of(s3.put_bucket_policy, Bucket=NAME, Policy=document({"Action": "s3:*"})) == "AccessDenied"
    policy({"Action": "s3:DeleteBucket"})
    assert code_of(s3.delete_bucket_policy, Bucket=NAME) == "AccessDenied"
    assert code_of(s3.put_bucket_policy, Bucket=NAME, Policy=document(
        {"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})) == "AccessDenied"  # fmt: skip


def test_a_policy_gives_a_key_no_more_than_its_role(world, admin, policy):
    principal = {"AWS": f"arn:aws:iam::{admin.get_bucket_acl(Bucket=NAME)['Owner']['DisplayName']}:root"}
    policy({"Effect": "Allow", "Action": "s3:*", "Principal": principal})
    viewer = world.client(role="viewer")
    assert code_of(viewer.put_object, Bucket=NAME, Key="k", Body=b"") == "AccessDenied"
    viewer.close()


def test_a_public_acl_is_refused_and_any_other_changes_nothing(world, s3, admin):
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        assert code_of(s3.put_object, Bucket=NAME, Key="acl", Body=b"", ACL=acl) == "AccessDenied"
    everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    assert code_of(s3.create_multipart_upload, Bucket=NAME, Key="acl", GrantRead=everybody) == "AccessDenied"
    assert code_of(s3.create_bucket, Bucket="public-acl", ACL="public-read") == "AccessDenied"
    for acl in ("private", "bucket-owner-full-control"):
        s3.put_object(Bucket=NAME, Key="acl", Body=b"", ACL=acl)


def test_nothing_is_public_unless_the_deployment_says_so(world, admin):
    admin.create_bucket(Bucket="never-public", CreateBucketConfiguration={"LocationConstraint": REGION})
    admin.delete_public_access_block(Bucket="never-public")
    text = document(EVERYBODY, bucket="never-public")
    assert code_of(admin.put_bucket_policy, Bucket="never-public", Policy=text) == "AccessDenied"
    assert not admin.get_bucket_policy_status(Bucket="never-public")["PolicyStatus"]["IsPublic"]
    world.run(
        "from engine.models import BucketSetting; import json; answer = str(BucketSetting.objects.update_or_create("
        "bucket='never-public', name='policy', defaults={'document': json.dumps({'text': text})}))",
        text=text,
    )
    assert send(world, "GET", "/never-public").status == 403
    admin.delete_bucket(Bucket="never-public")


def test_who_has_no_key_is_told_of_a_bucket_that_is_absent_and_of_nothing_else(world, admin):
    for method, path in (("GET", "/absent-bucket/k"), ("DELETE", "/absent-bucket/k"), ("HEAD", "/absent-bucket")):
        assert send(world, method, path).status == 404
    for path in ("/", f"/{NAME}", f"/{NAME}/open/2", f"/{NAME}/absent", f"/{NAME}?policy", f"/{NAME}?surprise"):
        assert send(world, "GET", path).status == 403, path
    for method in ("PUT", "POST", "DELETE"):
        assert send(world, method, f"/{NAME}/open/2").status == 403
    assert send(world, "PUT", "/absent-bucket").status == 403


def test_an_open_deployment_opens_what_a_policy_says_and_reads_only(tmp_path, store_url):
    with running(tmp_path, store_url, SAGEWRIGHT_S3_PUBLIC_ACCESS="1") as world:
        name = "opened"
        admin = world.client(role="administrator")
        admin.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        admin.put_object(Bucket=name, Key="pub/a", Body=b"a")
        admin.put_object(Bucket=name, Key="b", Body=b"b")
        resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/pub/*"]
        admin.put_bucket_policy(Bucket=name, Policy=document(EVERYBODY | {"Resource": resources}, bucket=name))
        assert admin.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"]
        assert send(world, "GET", f"/{name}/pub/a").body == b"a"
        assert send(world, "HEAD", f"/{name}/pub/a").status == 200
        assert "<Key>pub/a</Key>" in send(world, "GET", f"/{name}?list-type=2").text
        assert send(world, "GET", f"/{name}/b").status == 403
        for method, path in (("PUT", f"/{name}/pub/new"), ("DELETE", f"/{name}/pub/a"), ("GET", f"/{name}/pub/a?acl")):
            assert send(world, method, path).status == 403
        blocks = {"BlockPublicPolicy": False, "RestrictPublicBuckets": True}
        admin.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocks)
        assert send(world, "GET", f"/{name}/pub/a").status == 403
        admin.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
        assert code_of(admin.put_bucket_policy, Bucket=name, Policy=document(EVERYBODY, bucket=name)) == "AccessDenied"
        admin.close()
