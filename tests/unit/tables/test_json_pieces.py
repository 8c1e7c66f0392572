"""Large JSON in pieces is what json.loads says it is, and no piece is large."""

import json
import random

import pytest

from tables import json_pieces

TEXTS = ("a", "},", '"', "\\", '\\"},{"', "],[", "é한", "", "}", "{", "]", "[", ",")


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(json_pieces, "PIECE", 8)


def plain(body: bytes):
    """What json.loads says: the rows of `instances` or the value, or the error's text."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as e:
        return f"{type(e).__name__}: {e}"
    is_wrapped = isinstance(document, dict) and document.keys() == {"instances"}
    return document["instances"] if is_wrapped and isinstance(document["instances"], list) else document


def in_pieces(body: bytes):
    try:
        document = json_pieces.loads(body)
    except (ValueError, RecursionError) as e:
        return f"{type(e).__name__}: {e}"
    is_wrapped = isinstance(document, dict) and document.keys() == {"instances"}
    return document["instances"] if is_wrapped and isinstance(document["instances"], list) else document


def value(depth: int = 0):
    kind = random.random()
    if depth < 3 and kind < 0.2:
        return {random.choice(TEXTS): value(depth + 1) for _ in range(random.randint(0, 3))}
    if depth < 3 and kind < 0.4:
        return [value(depth + 1) for _ in range(random.randint(0, 3))]
    return random.choice((1, -2.5, None, True, float("inf"), *TEXTS))


def body_of(rows: list) -> bytes:
    document = rows if random.random() < 0.4 else {"instances": rows}
    form = random.choice(({}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}))
    return json.dumps(document, **form).encode()


def test_random_bodies_whole_and_damaged_are_read_as_at_once(small_pieces):
    random.seed(11)
    for _ in range(6000):
        rows = [
            {"a": value(1), "b": value(1)} if random.random() < 0.8 else value() for _ in range(random.randint(0, 6))
        ]
        body = bytearray(body_of(rows))
        for _ in range(random.choice((0, 0, 1, 2))):
            at = random.randrange(len(body) + 1)
            body[at : at + random.randint(0, 2)] = random.choice(
                (b"", b",", b"}", b"]", b'"', b"[", b"{", b"},", b"\\", b" ")
            )
        assert in_pieces(bytes(body)) == plain(bytes(body)), bytes(body)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a": 1},{"b": 2},]',
        b'[{"a": 1},,{"b": 2}]',
        b'{"instances": [{"a": 1},{"b": 2}], "instances": [{"c": 3}]}',
        b'{"instances": [{"a": 1},{"b": 2}], "x": [1]}',
        b'[{"a": 1},{"b": 2}],[{"a": 1}]',
        b'\xef\xbb\xbf[{"a": 1},{"b": 2}]',
        '[{"a": 1},{"b": 2}]'.encode("utf-16"),
        b'[{"a": "\xff"},{"b": 2}]',
        b"[" * 100_000,
        b'[{"a": ' + b"[" * 100_000,
    ],
    ids=["comma", "commas", "twice", "another member", "two", "mark", "utf-16", "no utf-8", "deep", "deep row"],
)
def test_what_is_no_plain_list_of_rows_is_read_as_at_once(small_pieces, body):
    assert in_pieces(body) == plain(body)


@pytest.mark.parametrize("wrapped", [True, False], ids=["instances", "list"])
def test_a_large_body_is_never_parsed_at_once(monkeypatch, wrapped):
    rows = [{f"column {n}": f"{row}.{n}" for n in range(30)} for row in range(2000)]
    body, sizes, loads = json.dumps({"instances": rows} if wrapped else rows).encode(), [], json.loads
    monkeypatch.setattr(json, "loads", lambda piece: sizes.append(len(piece)) or loads(piece))
    document = json_pieces.loads(body)
    assert document == rows
    assert len(body) > 10 * json_pieces.PIECE
    assert max(sizes) < 1.1 * json_pieces.PIECE
