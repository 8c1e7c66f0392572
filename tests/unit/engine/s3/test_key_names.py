"""The names that the embedded store gives to keys: each its own, in the order of S3."""

import re

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from engine.s3.key_names import CUT, MAX_NAME, MAX_PATH, InvalidKey, KeyTooLong, decode, encode, encode_prefix

NASTY = '/.!-0 aAé[\\]\x01\t\n\r\x1f"~\x7f\ufffc\ufffd\ufffe\uffff\U0001f600\U0010fffd\U0010fffe\U0010ffff'
XML = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
parts = st.sampled_from(["/", "//", ".", "..", "!", "\\", "[", ".versions", ".uploads", "a", "b" * 120, "é" * 61])
keys = st.one_of(
    st.text(NASTY, min_size=1, max_size=12),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=12),
    st.lists(st.one_of(parts, st.sampled_from(NASTY)), min_size=1, max_size=12).map("".join),
).filter(lambda key: len(key.encode()) <= 640)
many = settings(max_examples=150, deadline=None)


def segments(name: str) -> list[bytes]:
    """What the store's walk compares: the names of the path, one after the other."""
    return [part.encode() for part in name.split("/")]


@many
@given(keys)
@example("\\" * 150)
@example("a" * 245 + "\ufffd")
def test_a_name_can_be_stored_and_decodes_to_its_key(key):
    name = encode(key)
    assert decode(name) == key
    assert XML.fullmatch(name) and "\\" not in name
    *folders, file = name.split("/")
    assert all(folder not in ("", ".", "..") and len(folder.encode()) <= 255 for folder in folders)
    assert file.endswith("!") and len(file.encode()) <= MAX_NAME


@many
@given(keys, keys)
@example("a/b", "a-b")
@example("a" * 246 + ".", "a" * 246 + "/")
@example("a" * 244 + "/", "a" * 244 + "\U0010ffff")
def test_the_walk_is_in_the_order_of_the_keys(one, other):
    def order(a, b):
        return (a > b) - (a < b)

    expected = order(one.encode(), other.encode())
    assert order(segments(encode(one)), segments(encode(other))) == expected
    assert order(encode(one), encode(other)) == expected, "and text sorts as the walk"
    if expected:  # the folder that holds the versions of a key stands where its file does
        for a, b in ((".versions", ""), ("", ".versions"), (".versions", ".versions")):
            assert order(segments(encode(one) + a), segments(encode(other) + b)) == expected


@many
@given(keys, keys)
def test_the_names_of_the_keys_with_a_prefix_begin_with_its_encoding(prefix, rest):
    try:
        name = encode(prefix + rest)
    except KeyTooLong:  # which two long keys may make together
        reject()
    assert name.startswith(encode_prefix(prefix))
    assert encode_prefix("") == ""


@many
@given(keys, keys)
def test_keys_that_sort_between_are_the_only_others_with_such_a_name(prefix, other):
    """A listing may stop at the first key that has the name but not the prefix."""
    if encode(other).startswith(encode_prefix(prefix)) and not other.startswith(prefix):
        assert other > prefix + "\U0010ffff" * 8


@many
@given(keys, keys)
def test_no_name_of_a_key_is_a_folder_of_another(one, other):
    assert not encode(other).startswith(encode(one) + "/")


@many
@given(keys)
def test_the_folders_of_a_key_decode_to_its_prefixes_that_end_in_a_slash(key):
    name = encode(key)
    folders = [name[: match.end()] for match in re.finditer("/", name)]
    prefixes = [decode(folder) for folder in folders if not folder.endswith(CUT)]
    assert prefixes == [key[: match.end()] for match in re.finditer("/", key)]


@pytest.mark.parametrize("key", ["a" * 970, "a/" * 10 + "b" * 900, "k" * 246 + "/" + "z" * 246, "dir/" * 110])
def test_long_keys_have_names(key):
    assert decode(encode(key)) == key


def test_a_key_whose_name_is_too_long_is_refused():
    assert len(encode("a" * 987).encode()) <= MAX_PATH
    with pytest.raises(KeyTooLong):
        encode("a" * 1024)
    with pytest.raises(KeyTooLong):
        encode("/" * 300)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=["NUL", "surrogate"])
def test_what_no_key_can_be_is_refused(text):
    with pytest.raises(InvalidKey):
        encode(text)
    with pytest.raises(InvalidKey):
        encode_prefix(text)
    with pytest.raises(InvalidKey):
        encode("")
