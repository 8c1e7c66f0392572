"""CORS rules as S3 reads and evaluates them."""

import pytest

from engine.auth.errors import RequestError
from engine.s3.cors_rules import Rule, document, parse, rule_for


def rule(origins, methods=("GET",), headers=(), exposed=(), **more) -> Rule:
    return Rule(list(origins), list(methods), list(headers), list(exposed), **more)


@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        ("https://a.example", "https://a.example", True),
        ("https://a.example", "https://A.example", False),
        ("*", "null", True),
        ("*suffix", "foo.suffix", True),
        ("*suffix", "foo.suffix.get", False),
        ("start*end", "startend", True),
        ("start*end", "start1end", True),
        ("start*end", "0start1end", False),
        ("startend*end", "startend", False),
        ("https://*.example", "https://.example", True),
        ("https://*.example", "https://a.example.evil", False),
    ],
)
def test_an_origin_matches_with_one_wildcard(pattern, origin, allowed):
    assert bool(rule_for([rule([pattern])], origin, "GET")) == allowed


def test_the_first_rule_that_allows_all_of_a_request_holds():
    rules = [rule(["*"], ["GET"]), rule(["https://a"], ["PUT", "GET"], ["x-amz-*", "Content-Type"])]
    assert rule_for(rules, "https://a", "GET") is rules[0]
    assert rule_for(rules, "https://a", "GET", ["content-type", "X-AMZ-date"]) is rules[1]
    assert rule_for(rules, "https://a", "PUT", ["authorization"]) is None
    assert rule_for(rules, "https://b", "PUT") is None


def test_any_origin_is_answered_with_a_star_and_without_credentials():
    head = dict(rule(["*"], max_age=5, exposed=["etag"]).response("https://a"))
    assert head[b"access-control-allow-origin"] == b"*"
    assert b"access-control-allow-credentials" not in head
    assert (head[b"access-control-max-age"], head[b"access-control-expose-headers"]) == (b"5", b"etag")
    head = dict(rule(["https://*"], ["GET", "PUT"], ["*"]).response("https://a", ["x-a"]))
    assert head[b"access-control-allow-origin"] == b"https://a"
    assert head[b"access-control-allow-credentials"] == b"true"
    assert (head[b"access-control-allow-methods"], head[b"access-control-allow-headers"]) == (b"GET, PUT", b"x-a")


RULE = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"


def configuration(*rules: str) -> bytes:
    return (
        f"<CORSConfiguration>{''.join(f'<CORSRule>{rule}</CORSRule>' for rule in rules)}</CORSConfiguration>".encode()
    )


def test_what_was_put_comes_back():
    inner = f"<ID>a&amp;b</ID><AllowedHeader>*</AllowedHeader>{RULE}<ExposeHeader>etag</ExposeHeader>"
    rules = parse(configuration(f"{inner}<MaxAgeSeconds>0</MaxAgeSeconds>", RULE))
    assert parse(document(rules)) == rules == [rule("*", ["GET"], "*", ["etag"], max_age=0, id="a&b"), rule("*")]


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("", "MalformedXML"),
        ("<AllowedMethod>GET</AllowedMethod>", "MalformedXML"),
        (f"{RULE}<MaxAgeSeconds>-1</MaxAgeSeconds>", "MalformedXML"),
        (f"{RULE}<AllowedMethod>PATCH</AllowedMethod>", "InvalidRequest"),
        (f"{RULE}<AllowedOrigin>https://*.a.*</AllowedOrigin>", "InvalidRequest"),
        (f"{RULE}<AllowedHeader>*-*</AllowedHeader>", "InvalidRequest"),
        (f"{RULE}<ExposeHeader>x-*</ExposeHeader>", "InvalidRequest"),
        (f"{RULE}<ExposeHeader>a&#13;&#10;b</ExposeHeader>", "InvalidRequest"),
    ],
)
def test_what_s3_refuses_is_refused(inner, code):
    with pytest.raises(RequestError) as refused:
        parse(configuration(inner))
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_there_is_one_rule_at_least_and_a_hundred_at_most():
    assert len(parse(configuration(*[RULE] * 100))) == 100
    for rules in ([], [RULE] * 101):
        with pytest.raises(RequestError):
            parse(configuration(*rules))
