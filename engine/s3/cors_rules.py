"""The CORS rules of a bucket, and what they say of a request from a page.

Source: "Elements of a CORS configuration" and "How does Amazon S3 evaluate the CORS configuration on a bucket?" in the
user guide, PutBucketCors and OPTIONS object in the API reference. The first rule that allows a request holds.
"""

from collections.abc import Iterable
from typing import NamedTuple
from xml.etree.ElementTree import Element

from engine.auth.errors import RequestError
from engine.http.request import Headers
from engine.s3 import xml

METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
MAX_RULES = 100
VARY = (b"vary", b"Origin, Access-Control-Request-Headers, Access-Control-Request-Method")


class Rule(NamedTuple):
    """One rule; a pattern of an origin or a header may have one `*`."""

    origins: list[str]
    methods: list[str]
    headers: list[str]
    exposed: list[str]
    max_age: int | None = None  # seconds
    id: str = ""

    def allows(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Return whether it allows a page of `origin` a request with `method` and these headers."""
        return (
            any(_matches(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and all(any(_matches(p.lower(), name.lower()) for p in self.headers) for name in headers)
        )

    def response(self, origin: str, headers: Iterable[str] = ()) -> Headers:
        """Return the headers of the answer to a request that it allows."""
        is_any = "*" in self.origins
        head = [
            (b"access-control-allow-origin", b"*" if is_any else origin.encode("latin-1")),
            (b"access-control-allow-methods", ", ".join(self.methods).encode()),
        ]
        if requested := ", ".join(headers):
            head.append((b"access-control-allow-headers", requested.encode("latin-1")))
        if self.exposed:
            head.append((b"access-control-expose-headers", ", ".join(self.exposed).encode()))
        if self.max_age is not None:
            head.append((b"access-control-max-age", str(self.max_age).encode()))
        if not is_any:
            head.append((b"access-control-allow-credentials", b"true"))
        return head


def _matches(pattern: str, text: str) -> bool:
    before, star, after = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)


def rule_for(rules: Iterable[Rule], origin: str, method: str, headers: Iterable[str] = ()) -> Rule | None:
    """Return the rule that allows the request, None if there is none."""
    return next((rule for rule in rules if rule.allows(origin, method, headers)), None)


def parse(body: bytes) -> list[Rule]:
    """Return the rules of a CORSConfiguration. Raises RequestError for what S3 refuses."""
    rules = [_rule(element) for element in xml.parse(body, "CORSConfiguration").findall("CORSRule")]
    if not 1 <= len(rules) <= MAX_RULES:
        raise xml.malformed()
    return rules


def _rule(element: Element) -> Rule:
    def texts(name: str) -> list[str]:
        return [(each.text or "").strip() for each in element.findall(name)]

    origins, methods = texts("AllowedOrigin"), texts("AllowedMethod")
    headers, exposed, age = texts("AllowedHeader"), texts("ExposeHeader"), texts("MaxAgeSeconds")
    if (
        not origins
        or not methods
        or len(age) > 1
        or not all(a.isascii() and a.isdecimal() and len(a) < 10 for a in age)
    ):
        raise xml.malformed()
    for method in methods:
        if method not in METHODS:
            raise _invalid(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
    for name, values in (("AllowedOrigin", origins), ("AllowedHeader", headers)):
        for value in values:
            if value.count("*") > 1:
                raise _invalid(f'{name} "{value}" can not have more than one wildcard.')
    for value in exposed:
        if "*" in value or not value.isascii() or not value.isprintable():
            text = f'ExposeHeader "{value}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
            raise _invalid(text)
    return Rule(origins, methods, headers, exposed, int(age[0]) if age else None, element.findtext("ID") or "")


def document(rules: Iterable[Rule]) -> bytes:
    """Return the CORSConfiguration."""
    return xml.document("CORSConfiguration", "".join(map(_element, rules)))


def _element(rule: Rule) -> str:
    texts = [("ID", rule.id)] if rule.id else []
    texts += [("AllowedHeader", value) for value in rule.headers]
    texts += [("AllowedMethod", value) for value in rule.methods]
    texts += [("AllowedOrigin", value) for value in rule.origins]
    texts += [("ExposeHeader", value) for value in rule.exposed]
    texts += [("MaxAgeSeconds", str(rule.max_age))] if rule.max_age is not None else []
    return f"<CORSRule>{''.join(xml.tag(name, value) for name, value in texts)}</CORSRule>"


def _invalid(text: str) -> RequestError:
    return RequestError(text, "InvalidRequest", 400)
