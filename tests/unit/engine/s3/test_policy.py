"""Bucket policies as IAM reads and evaluates them."""

import json

import pytest

from engine.auth.errors import RequestError
from engine.s3.policy import Access, parse

ACCOUNT = "arn:aws:iam::123456789012"
ALICE = frozenset({"*", "123456789012", f"{ACCOUNT}:root", f"{ACCOUNT}:user/alice"})
NOBODY = frozenset("*")


def policy(*statements, bucket="b", **more):
    whole = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
    document = {"Version": "2012-10-17", "Statement": [whole | statement for statement in statements]}
    return parse(json.dumps(document | more), bucket)


def asks(principals=ALICE, action="s3:GetObject", resource="b/k", **context) -> Access:
    return Access(principals, action, f"arn:aws:s3:::{resource}", {k.replace("_", ":"): v for k, v in context.items()})


DENY, ALLOW = {"Effect": "Deny"}, {"Effect": "Allow"}


@pytest.mark.parametrize(
    ("statement", "applies"),
    [
        ({}, True),
        ({"Action": "s3:getobject"}, True),
        ({"Action": ["s3:Put*", "s3:Get?bject"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "s3:Get"}, False),
        ({"Resource": "arn:aws:s3:::b"}, False),
        ({"Resource": "arn:aws:s3:::b/K"}, False),
        ({"Resource": "arn:aws:s3:::b/?"}, True),
        ({"Resource": "arn:aws:s3:::*"}, True),
        ({"Principal": {"AWS": "123456789012"}}, True),
        ({"Principal": {"AWS": [f"{ACCOUNT}:user/bob", f"{ACCOUNT}:user/alice"]}}, True),
        ({"Principal": {"AWS": f"{ACCOUNT}:user/bob"}}, False),
        ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, False),
    ],
    ids=str,
)
def test_a_statement_applies_by_principal_action_and_resource(statement, applies):
    assert policy(DENY | statement).denies(asks()) == applies
    assert policy(ALLOW | statement).allows(asks()) == applies
    assert not policy(ALLOW | statement).denies(asks())


@pytest.mark.parametrize(
    ("name", "value"),
    [("Principal", {"AWS": f"{ACCOUNT}:user/alice"}), ("Action", "s3:GetObject"), ("Resource", "arn:aws:s3:::b/k")],
)
def test_a_negated_element_applies_to_what_it_does_not_name(name, value):
    def denied(access: Access) -> bool:
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
        del statement[name]
        return parse(json.dumps({"Statement": [statement | {f"Not{name}": value}]}), "b").denies(access)

    assert not denied(asks())
    assert denied(asks(NOBODY, "s3:PutObject", "b/other"))


def test_a_deny_wins_and_what_nothing_speaks_of_is_neither():
    both = policy(ALLOW, DENY | {"Resource": "arn:aws:s3:::b/secret/*"})
    assert both.allows(asks(NOBODY, resource="b/open"))
    assert not both.denies(asks(NOBODY, resource="b/open"))
    assert both.denies(asks(NOBODY, resource="b/secret/x"))
    only = policy(ALLOW | {"Action": "s3:ListBucket"})
    assert not only.allows(asks())


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"StringEquals": {"s3:prefix": ["a/", "b/"]}}, {"s3_prefix": "b/"}, True),
        ({"StringEquals": {"s3:prefix": "a/"}}, {}, False),
        ({"StringEqualsIfExists": {"s3:prefix": "a/"}}, {}, True),
        ({"StringNotEquals": {"s3:prefix": ["a/", "b/"]}}, {"s3_prefix": "b/"}, False),
        ({"StringNotEquals": {"s3:prefix": "a/"}}, {}, True),
        ({"StringEqualsIgnoreCase": {"s3:Prefix": "A/"}}, {"s3_prefix": "a/"}, True),
        ({"StringLike": {"s3:prefix": "a*z"}}, {"s3_prefix": "a/\n/z"}, True),
        ({"StringNotLike": {"s3:prefix": "a*"}}, {"s3_prefix": "a"}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3_max-keys": "10"}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": 10}}, {"s3_max-keys": "11"}, False),
        ({"NumericLessThan": {"s3:max-keys": 10}}, {"s3_max-keys": "many"}, False),
        (
            {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
            {"aws_currenttime": "2025-12-31T23:59:59+00:00"},
            True,
        ),
        ({"DateGreaterThan": {"aws:EpochTime": "1700000000"}}, {"aws_epochtime": "1600000000"}, False),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::1/128"]}}, {"aws_sourceip": "10.2.3.4"}, True),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"aws_sourceip": "10.2.3.4"}, False),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"aws_sourceip": "127.0.0.1"}, True),
        ({"ArnLike": {"aws:PrincipalArn": f"{ACCOUNT}:role/*"}}, {"aws_principalarn": f"{ACCOUNT}:role/x"}, True),
        ({"Null": {"s3:x-amz-acl": "false"}}, {"s3_x-amz-acl": "private"}, True),
        ({"Null": {"s3:x-amz-acl": True}}, {"s3_x-amz-acl": "private"}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws_securetransport": "true"}, False),
        ({"StringEquals": {"s3:prefix": "a"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"s3_prefix": "a"}, False),
    ],
    ids=str,
)
def test_conditions_hold_as_iam_documents(condition, value, holds):
    assert policy(DENY | {"Condition": condition}).denies(asks(**value)) == holds


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Effect": "Maybe"}, "MalformedPolicy"),
        ({"Effect": "Allow", "Extra": 1}, "MalformedPolicy"),
        ({"Principal": "me"}, "MalformedPolicy"),
        ({"Principal": {"AWS": "arn:aws:iam::1:user/*"}}, "MalformedPolicy"),
        ({"NotPrincipal": "*"}, "MalformedPolicy"),
        ({"Action": "ec2:*"}, "MalformedPolicy"),
        ({"Action": []}, "MalformedPolicy"),
        ({"Resource": "arn:aws:s3:::other/*"}, "MalformedPolicy"),
        ({"Resource": "*"}, "MalformedPolicy"),
        ({"Resource": "arn:aws:s3:::b/\ud800"}, "MalformedPolicy"),
        ({"Condition": []}, "MalformedPolicy"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "somewhere"}}}, "MalformedPolicy"),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, "NotImplemented"),
        ({"Condition": {"ForAllValues:StringEquals": {"s3:prefix": "a"}}}, "NotImplemented"),
        ({"Condition": {"StringLike": {"s3:prefix": "${aws:username}/*"}}}, "NotImplemented"),
        ({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, "NotImplemented"),
    ],
    ids=str,
)
def test_what_cannot_be_evaluated_is_refused(change, code):
    with pytest.raises(RequestError) as refused:
        policy(ALLOW | change)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["", "[", "[]", "1", "{}", '{"Statement": []}', '{"Statement": [1]}', "[" * 5000,
                                  '{"Version": "2026-01-01", "Statement": [{}]}'])  # fmt: skip
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(RequestError) as refused:
        parse(text, "b")
    assert refused.value.code == "MalformedPolicy"


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (ALLOW, True),
        (DENY, False),
        (ALLOW | {"Principal": {"AWS": ["*", "123456789012"]}}, True),
        (ALLOW | {"Principal": {"AWS": f"{ACCOUNT}:root"}}, False),
        (ALLOW | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/32"}}}, False),
        (ALLOW | {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        (ALLOW | {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/32"}}}, True),
        (ALLOW | {"Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}, True),
        (ALLOW | {"Condition": {"StringEquals": {"s3:prefix": "a"}}}, True),
    ],
    ids=str,
)
def test_what_allows_everybody_is_public_unless_fixed_values_restrict_it(statement, public):
    assert policy(statement).is_public == public


def test_what_only_demands_tls_decides_nothing():
    tls = DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert not policy(tls).decides
    assert policy(tls, ALLOW).decides
    assert policy(DENY | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}).decides
