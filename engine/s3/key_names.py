"""Codec between S3 keys and the names of the embedded store, which keeps a tree of folders and files.

A key is any text of up to 1,024 bytes, and S3 lists keys in the order of their bytes. The store walks its tree name by
name. There `a/b` comes before `a-b`, `a` and `a/b` exclude each other, and `.`, `..`, an empty name and a name of 300
bytes cannot be. Encoded, every key has a file of its own, and the walk is in the order of the keys. Each part of a key
between slashes becomes one name; FF is U+10FFFF, which sorts last:

    part before a slash             part + "." FF, which sorts where the slash does: after "." and before "0"
    last part, which may be empty   part + "!", which sorts before any longer name
    U+0001 to U+0020, "!"           "!" and one of 0-9A-W; XML cannot carry most of them
    backslash                       "[" FF, for the store takes it for a slash
    U+FFFD, U+FFFE, U+FFFF          U+FFFD and one of 0-2; XML cannot carry the last two
    U+10FFFE, U+10FFFF              U+10FFFE and one of 0-1
    name over 246 bytes             its first bytes + FF FF, a folder that holds the rest, cut in the same way

A file's name ends in "!" and a folder's in FF, so they never meet. 246 bytes leave space for `.versions`, which the
store appends to the name of a folder of versions.
"""

import re

MAX_NAME = 246  # bytes of a name, its end included; the store allows 255
MAX_PATH = 1024  # bytes of an encoded key; the store's limit
LAST = "\U0010ffff"
SLASH, CUT = f".{LAST}/", f"{LAST * 2}/"
_LOW = "0123456789ABCDEFGHIJKLMNOPQRSTUVW"  # U+0001 to U+0021
_ESCAPED = re.compile("[\x01-!\\\\\ufffd-\uffff\U0010fffe\U0010ffff]")
_ESCAPES = (
    {chr(code): f"!{sign}" for code, sign in enumerate(_LOW, 1)}
    | {"\\": f"[{LAST}"}
    | {chr(0xFFFD + n): f"\ufffd{n}" for n in range(3)}
    | {chr(0x10FFFE + n): f"\U0010fffe{n}" for n in range(2)}
)
_UNESCAPED = re.compile(f"![0-9A-W]|\\[{LAST}|\ufffd[0-2]|\U0010fffe[01]")
_CHARACTERS = {escape: character for character, escape in _ESCAPES.items()}


class InvalidKey(ValueError):
    """The text cannot be a key: it is empty, or has U+0000 or a lone surrogate."""


class KeyTooLong(ValueError):
    """The encoded key has more than MAX_PATH bytes."""


def encode(key: str) -> str:
    """Return the store's name of `key`, a path without a leading slash. Raises InvalidKey, KeyTooLong.

    A key of no or few slashes may have 970 bytes: the name has one byte more, 5 for each slash, 1 for each space
    and 9 for each 246 bytes of one part.
    """
    if not key:
        raise InvalidKey("A key has at least one character.")
    name = _encode(key, "!")
    if len(name.encode()) > MAX_PATH:
        raise KeyTooLong(f"The store's name of the key has more than {MAX_PATH} bytes.")
    return name


def encode_prefix(prefix: str) -> str:
    """Return what the names of all keys that begin with `prefix` begin with. Raises InvalidKey.

    Names of other keys may begin with it, too: `a.` is also how the folder of `a/` begins. Those keys sort after the
    ones meant.
    """
    return _encode(prefix, "")


def encode_position(text: str) -> str:
    """Return the name at which a key `text` would stand, though no key can be so long. Raises InvalidKey."""
    return _encode(text, "!") if text else ""


def decode(name: str) -> str:
    """Return the key whose name is `name`; of the beginning of a name that ends in a slash, that of its keys."""
    return _UNESCAPED.sub(_character, name.replace(CUT, "").replace(SLASH, "/").removesuffix("!"))


def _encode(text: str, end: str) -> str:
    if "\0" in text:
        raise InvalidKey("A key has no character U+0000.")
    escaped = _ESCAPED.sub(_escape, text) + end
    try:
        size = len(escaped.encode())
    except UnicodeEncodeError:
        raise InvalidKey("A key is valid Unicode.") from None
    parts = escaped.replace("/", SLASH)
    if size <= MAX_NAME - 5:
        return parts
    return "/".join(map(_cut, parts.split("/")))


def _cut(name: str) -> str:
    """`name` in pieces of at most MAX_NAME bytes that end at a character."""
    data, pieces = name.encode(), []
    while len(data) > MAX_NAME:
        end = MAX_NAME
        while data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[:end].decode())
        data = data[end:]
    return CUT.join([*pieces, data.decode()])


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _character(match: re.Match[str]) -> str:
    return _CHARACTERS[match[0]]
