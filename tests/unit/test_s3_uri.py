"""S3 addresses in every spelling."""

import pytest

from common.s3_uri import normalize_s3_uri, parse_s3_uri, split_s3_uri


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [("s3://team/a/b.csv", "team", "a/b.csv"), ("s3://team", "team", ""), ("s3://team/", "team", ""), ("", "", "")],
)
def test_an_address_is_split_at_the_first_slash(uri, bucket, key):
    assert split_s3_uri(uri) == (bucket, key)


def test_the_folder_of_an_address_ends_with_its_last_slash():
    assert split_s3_uri("s3://team/a/b.csv").folder == "a/"
    assert split_s3_uri("s3://team/b.csv").folder == ""


@pytest.mark.parametrize(
    "url",
    [
        "s3://team/a/b.csv",
        "https://team.s3.us-east-1.amazonaws.com/a/b.csv",
        "https://team.s3-us-west-2.amazonaws.com/a/b.csv",
        "https://s3.us-east-1.amazonaws.com/team/a/b.csv",
        "https://s3.cn-north-1.amazonaws.com.cn/team/a/b.csv",
    ],
)
def test_each_spelling_means_the_same_object(url):
    assert normalize_s3_uri(url) == "s3://team/a/b.csv"


@pytest.mark.parametrize("url", ["", "team/a", "https://example.com/team/a", "file:///a"])
def test_other_addresses_are_refused_with_the_fix(url):
    with pytest.raises(ValueError, match="Write it as s3://bucket/key"):
        normalize_s3_uri(url)


@pytest.mark.parametrize("uri", ["s3://Team/a", "s3://-team/a", "s3:///a", "s3://t/a", "team/a"])
def test_a_name_that_breaks_the_rules_of_buckets_is_refused(uri):
    with pytest.raises(ValueError, match="is not an S3 address"):
        parse_s3_uri(uri)


def test_a_strict_address_keeps_its_key_whole():
    assert parse_s3_uri(" s3://team/a//b c.csv ") == ("team", "a//b c.csv ".strip())
    assert parse_s3_uri("s3://team").key == ""
