"""AWS's rules of tags, and tags as text."""

import pytest

from common.problems import Problem
from common.tags import as_text, checked, of_people, parse


def test_text_becomes_tags_and_text_again():
    tags = parse(" team = fraud \r\n\n비용=한국 2026\nempty=\nurl=http://a.b/c=d")
    assert tags == {"team": "fraud", "비용": "한국 2026", "empty": "", "url": "http://a.b/c=d"}
    assert parse(as_text(tags)) == tags


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("team", "team is no tag"),
        ("=x", "has no key"),
        ("k" * 129 + "=x", "at most 128 characters"),
        ("k=" + "x" * 257, "at most 256 characters"),
        ("aws:team=x", "reserved"),
        ("Sagewright:owner=bob", "reserved"),
        ("team=a,b", "contains ','"),
        ("team=x\nTEAM=y", "TEAM is there twice"),
        ("\n".join(f"k{n}=v" for n in range(48)), "48 tags are too many"),
    ],
    ids=["no equals", "no key", "long key", "long value", "aws", "ours", "sign", "case", "many"],
)
def test_what_breaks_a_rule_is_refused_at_its_field(text, rule):
    with pytest.raises(Problem) as refused:
        parse(text)
    assert rule in refused.value.message and refused.value.field == "tags"


def test_an_equals_sign_in_a_key_survives_text_and_lists():
    tags = {"a=b": "c=d", "==": "", "k": "="}
    assert parse(as_text(tags)) == tags
    assert parse(r"a\=b=c") == {"a=b": "c"}


def test_the_limits_themselves_are_taken():
    assert len(parse("\n".join(f"{n:0128}={'x' * 256}" for n in range(47)))) == 47
    assert checked([(" a=b ", "c")]) == {"a=b": "c"}


def test_tags_of_aws_and_of_the_console_are_nobodys():
    assert of_people({"aws:createdBy": "a", "sagewright:owner": "b", "team": "c"}) == {"team": "c"}
