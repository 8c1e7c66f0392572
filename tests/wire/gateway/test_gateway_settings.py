"""Settings of buckets that the gateway keeps itself: policies, blocks of public access, ownership, ACLs, encryption."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.wire.gateway.conftest import REGION
from tests.wire.gateway.raw import send, sign

NAME = "settings"
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


@pytest.fixture(scope="module")
def own(world):
    client = world.client()
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_object(Bucket=NAME, Key="k", Body=b"body", Metadata={"a": "b"}, ContentType="text/csv")
    yield client
    client.close()


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    return caught.value.response["Error"]["Code"]


def test_a_policy_that_only_demands_tls_is_kept_and_read_back(own):
    own.put_bucket_policy(Bucket=NAME, Policy=json.dumps(TLS_ONLY))
    assert json.loads(own.get_bucket_policy(Bucket=NAME)["Policy"]) == TLS_ONLY
    assert own.get_object(Bucket=NAME, Key="k")["Body"].read() == b"body"
    assert own.get_bucket_policy_status(Bucket=NAME)["PolicyStatus"] == {"IsPublic": False}
    own.delete_bucket_policy(Bucket=NAME)
    assert code_of(own.get_bucket_policy, Bucket=NAME) == "NoSuchBucketPolicy"
    assert code_of(own.put_bucket_policy, Bucket=NAME, Policy="[") == "MalformedPolicy"


def test_public_access_is_blocked_by_default_and_the_block_is_kept(own):
    default = own.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"]
    assert [*default.values()] == [True] * 4
    chosen = default | {"BlockPublicPolicy": False}
    own.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=chosen)
    assert own.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"] == chosen
    own.delete_public_access_block(Bucket=NAME)
    assert code_of(own.get_public_access_block, Bucket=NAME) == "NoSuchPublicAccessBlockConfiguration"


def test_the_bucket_owner_owns_every_object(own):
    rule = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert own.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"] == rule
    own.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=rule)
    other = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    assert code_of(own.put_bucket_ownership_controls, Bucket=NAME, OwnershipControls=other) == "InvalidArgument"
    own.delete_bucket_ownership_controls(Bucket=NAME)
    assert code_of(own.get_bucket_ownership_controls, Bucket=NAME) == "OwnershipControlsNotFoundError"
    own.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=rule)
    assert own.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"] == rule


def test_acls_name_the_account_and_grant_nobody_else_anything(own):
    acl = own.get_bucket_acl(Bucket=NAME)
    assert own.get_object_acl(Bucket=NAME, Key="k")["Grants"] == acl["Grants"]
    assert [g["Permission"] for g in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    assert own.list_objects(Bucket=NAME)["Contents"][0]["Owner"] == acl["Owner"]
    assert own.list_object_versions(Bucket=NAME)["Versions"][0]["Owner"] == acl["Owner"]
    own.put_bucket_acl(Bucket=NAME, ACL="private")
    own.put_object_acl(Bucket=NAME, Key="k", AccessControlPolicy={"Owner": acl["Owner"], "Grants": acl["Grants"]})
    for put, of in ((own.put_bucket_acl, {}), (own.put_object_acl, {"Key": "k"})):
        assert code_of(put, Bucket=NAME, ACL="public-read", **of) == "AccessControlListNotSupported"
        assert code_of(put, Bucket=NAME, GrantRead="id=x", **of) == "AccessControlListNotSupported"
    assert code_of(own.get_object_acl, Bucket=NAME, Key="absent") == "NoSuchKey"


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        ({}, {"ServerSideEncryption": "AES256"}),
        ({"ServerSideEncryption": "AES256"}, {"ServerSideEncryption": "AES256"}),
        ({"ServerSideEncryption": "aws:kms"}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/aws/s3"}),
        (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "1234abcd", "BucketKeyEnabled": True},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key/1234abcd", "BucketKeyEnabled": True},
        ),
        (
            {"ServerSideEncryption": "aws:kms:dsse"},
            {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "alias/aws/s3"},
        ),
    ],
    ids=["nothing", "AES256", "kms", "kms with a key", "dsse"],
)
def test_encryption_is_accepted_and_reported(own, ask, reply):
    def check(answer) -> None:
        wanted = {"ServerSideEncryption": None, "SSEKMSKeyId": "", "BucketKeyEnabled": None} | reply
        for name, value in wanted.items():
            observed = answer.get(name, "" if name == "SSEKMSKeyId" else None)
            assert observed == value or (value and observed.endswith(f":{value}"))

    check(own.put_object(Bucket=NAME, Key="sealed", Body=b"x", Metadata={"mine": "1"}, **ask))
    head = own.head_object(Bucket=NAME, Key="sealed")
    check(head)
    assert head["Metadata"] == {"mine": "1"}
    check(own.get_object(Bucket=NAME, Key="sealed"))
    upload = own.create_multipart_upload(Bucket=NAME, Key="parts", **ask)
    check(upload)
    part = {"Bucket": NAME, "Key": "parts", "UploadId": upload["UploadId"]}
    etag = own.upload_part(**part, PartNumber=1, Body=b"x")["ETag"]
    check(own.complete_multipart_upload(**part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}))
    check(own.head_object(Bucket=NAME, Key="parts"))
    check(own.copy_object(Bucket=NAME, Key="copy", CopySource=f"{NAME}/k", **ask))
    copy = own.head_object(Bucket=NAME, Key="copy")
    check(copy)
    assert (copy["Metadata"], copy["ContentType"]) == ({"a": "b"}, "text/csv")
    own.copy_object(Bucket=NAME, Key="copy", CopySource=f"{NAME}/sealed")
    assert own.head_object(Bucket=NAME, Key="copy")["ServerSideEncryption"] == "AES256"
    assert own.head_object(Bucket=NAME, Key="copy")["Metadata"] == {"mine": "1"}


def test_encryption_that_s3_does_not_have_is_refused(world, own):
    assert code_of(own.put_object, Bucket=NAME, Key="no", Body=b"", ServerSideEncryption="foo") == "InvalidArgument"
    assert code_of(own.put_object, Bucket=NAME, Key="no", Body=b"", SSEKMSKeyId="1234") == "InvalidArgument"
    headers = {"x-amz-server-side-encryption": "aws:kms"}
    assert send(world, "GET", f"/{NAME}/k", sign(world, "GET", f"/{NAME}/k", headers=headers)).status == 400


def test_the_default_encryption_of_a_bucket_holds_for_what_asks_for_nothing(own):
    def default() -> dict:
        return own.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]

    assert default()["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    own.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert default()["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    answer = own.put_object(Bucket=NAME, Key="by-default", Body=b"x")
    assert (answer["ServerSideEncryption"], answer["BucketKeyEnabled"]) == ("aws:kms", True)
    own.delete_bucket_encryption(Bucket=NAME)
    assert own.put_object(Bucket=NAME, Key="by-default", Body=b"x")["ServerSideEncryption"] == "AES256"


def test_settings_are_gone_with_their_bucket(own):
    for _ in range(2):
        own.create_bucket(Bucket="settings-short", CreateBucketConfiguration={"LocationConstraint": REGION})
        block = own.get_public_access_block(Bucket="settings-short")["PublicAccessBlockConfiguration"]
        assert all(block.values())
        own.put_public_access_block(Bucket="settings-short", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        own.delete_bucket(Bucket="settings-short")
    assert code_of(own.get_public_access_block, Bucket="settings-short") == "NoSuchBucket"


def test_a_bucket_has_a_region_and_is_created_in_the_requests(world, own):
    assert own.get_bucket_location(Bucket=NAME)["LocationConstraint"] == REGION
    other = {"LocationConstraint": "us-west-2"}
    refused = code_of(own.create_bucket, Bucket="elsewhere", CreateBucketConfiguration=other)
    assert refused == "IllegalLocationConstraintException"
    assert code_of(own.create_bucket, Bucket=NAME) == "BucketAlreadyOwnedByYou"
    first = world.client(region="us-east-1")
    assert first.create_bucket(Bucket=NAME)["Location"] == f"/{NAME}"
    first.close()
