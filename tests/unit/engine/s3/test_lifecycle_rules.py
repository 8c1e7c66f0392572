"""Lifecycle rules as S3 reads them, and when an object, a version or an upload is past its time."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.auth.errors import RequestError
from engine.s3 import lifecycle_rules, xml
from engine.s3.lifecycle_rules import Rule, normalize, parse

NOON = datetime(2030, 1, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2030, 1, 11, tzinfo=UTC)
DAYS = "<Expiration><Days>1</Days></Expiration>"


def configuration(*rules: str) -> bytes:
    return xml.document("LifecycleConfiguration", "".join(f"<Rule>{rule}</Rule>" for rule in rules))


def rule_of(inner: str) -> Rule:
    (rule,) = parse(normalize(configuration(f"<Status>Enabled</Status>{inner}")))
    return rule


def refusal(*rules: str) -> tuple[str, int]:
    with pytest.raises(RequestError) as caught:
        normalize(configuration(*rules))
    return caught.value.code, caught.value.status


def test_a_day_ends_at_the_midnight_after_it():
    rule = rule_of(f"<Prefix/>{DAYS}")
    assert not rule.expires(NOON, NOON + timedelta(days=1))
    assert not rule.expires(NOON, MIDNIGHT + timedelta(days=1, seconds=-1))
    assert rule.expires(NOON, MIDNIGHT + timedelta(days=1))
    assert rule.expires(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert not Rule(days=10**9).expires(NOON, NOON + timedelta(days=10**5))


def test_a_date_is_a_midnight_from_which_on_everything_expires():
    rule = rule_of("<Prefix/><Expiration><Date>2030-01-11T00:00:00.000Z</Date></Expiration>")
    assert rule.date == MIDNIGHT and rule.expires(NOON, MIDNIGHT) and not rule.expires(NOON, NOON)
    assert rule_of("<Prefix/><Expiration><Date>2030-01-11T02:00:00+02:00</Date></Expiration>").date == MIDNIGHT
    assert rule_of("<Prefix/><Expiration><Date>2030-01-11</Date></Expiration>").date == MIDNIGHT


@pytest.mark.parametrize(
    ("chosen", "key", "size", "included"),
    [
        ("<Prefix>a/</Prefix>", "a/b", 0, True),
        ("<Prefix>a/</Prefix>", "b", 0, False),
        ("<Prefix> a</Prefix>", "a", 0, False),
        ("<Filter/>", "any", 0, True),
        ("<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter>", "a", 0, False),
        ("<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter>", "a", 1, True),
        ("<Filter><And><Prefix>a</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>", "a", 8, True),
        ("<Filter><And><Prefix>a</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>", "a", 9, False),
    ],
)
def test_a_filter_is_of_prefix_and_size(chosen, key, size, included):
    assert rule_of(chosen + DAYS).includes(key, size) == included


def test_newer_versions_are_counted_before_one_expires():
    numbers = "<NoncurrentDays>3</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
    rule = rule_of(f"<Prefix/><NoncurrentVersionExpiration>{numbers}</NoncurrentVersionExpiration>")
    later = MIDNIGHT + timedelta(days=3)
    assert [rule.expires_noncurrent(NOON, newer, later) for newer in range(4)] == [False, False, True, True]
    assert not rule.expires_noncurrent(NOON, 9, later - timedelta(seconds=1))
    assert not rule.expires(NOON, later)


def test_what_is_read_back_is_what_was_put_with_an_id():
    text = normalize(configuration(f"\n <Status>Disabled</Status>\n<Prefix>a&amp;b&#13;&lt;é</Prefix>{DAYS}"))
    assert text.startswith("<Rule><ID>") and "<Prefix>a&amp;b&#13;&lt;é</Prefix>" in text
    assert normalize(configuration(*text.removeprefix("<Rule>").removesuffix("</Rule>").split("</Rule><Rule>"))) == text
    assert parse(text) == []  # it is disabled


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (f"<Prefix/><Status>enabled</Status>{DAYS}", "MalformedXML"),
        (f"<Prefix/>{DAYS}", "MalformedXML"),
        (f"ON{DAYS}", "MalformedXML"),
        (f"ON<Prefix/><Filter/>{DAYS}", "MalformedXML"),
        (f"ON<Prefix/><Prefix>a</Prefix>{DAYS}", "MalformedXML"),
        (f"ON<Prefix/><Other/>{DAYS}", "MalformedXML"),
        ("ON<Prefix/>", "InvalidRequest"),
        ("ON<Prefix/><Expiration/>", "MalformedXML"),
        ("ON<Prefix/><Expiration><Days>0</Days></Expiration>", "InvalidArgument"),
        ("ON<Prefix/><Expiration><Days>-1</Days></Expiration>", "InvalidArgument"),
        ("ON<Prefix/><Expiration><Days>1.5</Days></Expiration>", "MalformedXML"),
        ("ON<Prefix/><Expiration><Days>٣</Days></Expiration>", "MalformedXML"),
        (f"ON<Prefix/><Expiration><Days>{'9' * 5000}</Days></Expiration>", "MalformedXML"),
        ("ON<Prefix/><Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>", "InvalidArgument"),
        ("ON<Prefix/><Expiration><Date>soon</Date></Expiration>", "MalformedXML"),
        ("ON<Prefix/><Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>", "MalformedXML"),
        (f"<ID>{'a' * 256}</ID>ON<Prefix/>{DAYS}", "InvalidArgument"),
        (f"ON<Filter><Prefix/><Tag><Key>a</Key></Tag></Filter>{DAYS}", "MalformedXML"),
        (f"ON<Filter><Tag><Value>a</Value></Tag></Filter>{DAYS}", "MalformedXML"),
        (
            "ON<Filter><Tag><Key>a</Key></Tag></Filter><AbortIncompleteMultipartUpload>"
            "<DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
            "InvalidRequest",
        ),
        ("ON<Prefix/><NoncurrentVersionExpiration/>", "MalformedXML"),
        ("ON<Prefix/><Transition><Date>2030-01-01T03:00:00Z</Date></Transition>", "InvalidArgument"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(rule, code):
    assert refusal(rule.replace("ON", "<Status>Enabled</Status>")) == (code, 400)


def test_ids_are_of_one_rule_and_rules_are_at_most_a_thousand():
    rule = f"<ID>same</ID><Status>Enabled</Status><Prefix/>{DAYS}"
    assert refusal(rule, rule) == ("InvalidArgument", 400)
    assert refusal() == refusal(*[rule] * 1001) == ("MalformedXML", 400)


def test_there_is_one_storage_class():
    days = "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"
    assert refusal(f"<Status>Enabled</Status><Prefix/>{days}") == ("NotImplemented", 501)


def test_a_configuration_has_no_entities():
    bomb = b'<!DOCTYPE a [<!ENTITY b "cc">]>' + configuration(f"<Status>Enabled</Status><Prefix>&b;</Prefix>{DAYS}")
    with pytest.raises(RequestError, match="not well-formed"):
        lifecycle_rules.normalize(bomb)
