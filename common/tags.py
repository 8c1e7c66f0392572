"""Tags that people put on resources: AWS's rules, and tags as text, one key=value a line.

An equals sign within a key is written with a backslash before it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from common.messages import _
from common.problems import Problem

MAX_TAGS = 50  # of one resource
OWN_TAGS = 3  # of them, those that say whose a resource of the console is
MAX_KEY, MAX_VALUE = 128, 256  # characters
RESERVED = ("aws:", "sagewright:")  # how keys of AWS and of this project begin
_SIGNS = "_.:/=+-@"
_ESCAPED = "\\="
_END_OF_KEY = re.compile(r"(?<!\\)=")


def parse(text: str) -> dict[str, str]:
    """The tags of a text. Raises Problem(field="tags") naming the line that is none and the rule."""
    pairs: list[tuple[str, str]] = []
    for line in text.splitlines():
        key, *value = _END_OF_KEY.split(line, maxsplit=1)
        if value:
            pairs.append((unescape_key(key), value[0]))
        elif line.strip():
            words = _("%(line)s is no tag. Write a key and a value, such as team=fraud.", line=line.strip()[:80])
            raise Problem(words, "tags")
    return checked(pairs)


def as_text(tags: Mapping[str, str]) -> str:
    """The text that `parse` reads."""
    return "\n".join(f"{escape_key(key)}={value}" for key, value in tags.items())


def escape_key(key: str) -> str:
    """`key` as it stands before the = of a text."""
    return key.replace("=", _ESCAPED)


def unescape_key(text: str) -> str:
    """The key that `escape_key` wrote."""
    return text.replace(_ESCAPED, "=")


def as_request(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as AWS's requests have them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def checked(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The tags {key: value} of `pairs`, without the blanks around. Raises Problem(field="tags") with AWS's rule."""
    stripped = [(key.strip(), value.strip()) for key, value in pairs]
    if problem := next(filter(None, (_problem_of(*pair) for pair in stripped)), ""):
        raise Problem(problem, "tags")
    check_together([key for key, _value in stripped])
    return dict(stripped)


def check_together(keys: Iterable[str]) -> None:
    """Raise Problem(field="tags") unless one resource of the console can have the tags with these `keys`."""
    folded: set[str] = set()
    for key in keys:
        if key.lower() in folded:
            words = _("The tag key %(key)s is there twice. Keys differ in more than upper and lower case.", key=key)
            raise Problem(words, "tags")
        folded.add(key.lower())
    if len(folded) > MAX_TAGS - OWN_TAGS:
        words = _(
            "%(n)s tags are too many. A resource has at most %(limit)s, and %(own)s of them say whose it is.",
            n=len(folded), limit=MAX_TAGS, own=OWN_TAGS,
        )  # fmt: skip
        raise Problem(words, "tags")


def of_people(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of a resource's tags that people set."""
    return {key: value for key, value in tags.items() if not is_reserved(key)}


def is_reserved(key: str) -> bool:
    """True for a key that people may not set."""
    return key.lower().startswith(RESERVED)


def _problem_of(key: str, value: str) -> str:
    """The rule that a tag breaks; "" for none."""
    words = ""
    if not key:
        words = _("The value %(value)s has no key. Write a key and a value, such as team=fraud.", value=value[:80])
    elif len(key) > MAX_KEY:
        words = _("The tag key %(key)s… is too long. A key has at most %(n)s characters.", key=key[:40], n=MAX_KEY)
    elif len(value) > MAX_VALUE:
        words = _("The value of the tag %(key)s is too long. It has at most %(n)s characters.", key=key, n=MAX_VALUE)
    elif is_reserved(key):
        words = _("The tag key %(key)s begins with aws: or sagewright:, both reserved. Choose another.", key=key)
    elif sign := next((sign for sign in key + value if not _is_allowed(sign)), ""):
        words = _(
            "The tag %(key)s contains %(sign)s. Tags take letters, digits, blanks and _ . : / = + - @",
            key=key, sign=repr(sign),
        )  # fmt: skip
    return words


def _is_allowed(sign: str) -> bool:
    return sign in _SIGNS or unicodedata.category(sign)[0] in "LZN"
