"""C reads rows of numbers as Python does, or leaves them to Python."""

import json
import random

import numpy as np
import pytest

from algorithms import c_code
from algorithms.formats import number_rows, request_bodies

pytestmark = pytest.mark.skipif(not number_rows.build(), reason="there is no C compiler")
READERS = ("csv_rows", "json_rows", "jsonlines_rows")
PLAIN = ["{:g}", "{!r}", "{:.3f}", "{:.0f}", "{:e}", "{:.25g}", "{:.18f}"]
UNUSUAL = [
    "+1",
    ".5",
    "1.",
    "007",
    "",
    " 2 ",
    "\t3",
    "nan",
    "inf",
    "1e400",
    "1e-400",
    "9" * 40,
    "-0",
    "0.0",
    "1_0",
    "0x1",
    "x",
    "e5",
    "-",
    "1e",
    "٣",
]
PIECES = [
    "[",
    "]",
    ",",
    "\n",
    "\r\n",
    "\r",
    " ",
    "{",
    "}",
    ":",
    '"',
    "\0",
    "null",
    "1",
    "-",
    ".",
    "e",
    "\n\n",
    "]]",
    '"features"',
    '"instances"',
]


@pytest.fixture(autouse=True)
def small_bodies_too(monkeypatch):
    monkeypatch.setattr(number_rows, "MIN_BYTES", 0)


def read_in_python(name, body, width):
    """What Python reads, and 'refused' for what it refuses."""
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        patch.setattr(number_rows, "_libraries", None)
        try:
            return getattr(request_bodies, name)(body, width)
        except (ValueError, TypeError, OverflowError):
            return "refused"


def assert_equal_or_left(name, body, width):
    body = body.strip() if name == "csv_rows" else body
    rows = getattr(number_rows, name)(body, width)
    if rows is None:
        return False
    expected = read_in_python(name, body, width)
    assert not isinstance(expected, str), f"Python refuses {body!r}"
    assert rows.dtype == np.float32 and rows.shape == expected.shape
    assert np.array_equal(rows, expected, equal_nan=True), body
    return True


def wrap(name, cells, draw):
    """The text of rows of cells in one of the forms that the reader takes."""
    blank = draw.choice(["", " ", "\t"])
    lines = [f",{blank}".join(row) for row in cells]
    if name == "csv_rows":
        return draw.choice(["\n", "\r\n"]).join(lines)
    rows = [draw.choice(['{{"features":{}[{}] }}', "[{1}{0}]"]).format(blank, line) for line in lines]
    if name == "jsonlines_rows":
        return draw.choice(["\n", "\n\n", " \r\n"]).join(rows) + draw.choice(["", "\n"])
    return draw.choice(["[{}]", '{{"instances" : [{}]\n}} ']).format(draw.choice([",", " ,\n"]).join(rows))


def number(draw):
    bits = np.uint32(draw.getrandbits(32)).view(np.float32)
    small = draw.choice(
        [bits, np.float64(bits) * (1 + draw.random() * 1e-7), draw.gauss(0, 1) * 10 ** draw.randint(-9, 9)]
    )
    return float(small) if np.isfinite(small) else 1.5


@pytest.mark.parametrize("name", READERS)
def test_plain_rows_are_read_and_equal_those_of_python(name):
    draw = random.Random(1)
    read = 0
    for _ in range(300):
        height, width = draw.randint(1, 20), draw.randint(2, 9)
        form = draw.choice(PLAIN)
        cells = [[form.format(number(draw)) for _ in range(width)] for _ in range(height)]
        read += assert_equal_or_left(name, wrap(name, cells, draw).encode(), width)
    assert read > 250  # the others are too large for float32, or between two of its numbers by less than can be told


@pytest.mark.parametrize("name", READERS)
def test_any_text_is_read_as_python_reads_it_or_left_to_it(name):
    draw = random.Random(2)
    for _ in range(3_000):
        height, width = draw.randint(1, 4), draw.randint(1, 4)
        cells = [
            [
                draw.choice(UNUSUAL) if draw.random() < 0.2 else draw.choice(PLAIN).format(number(draw))
                for _ in range(width)
            ]
            for _ in range(height)
        ]
        text = wrap(name, cells, draw)
        for _ in range(draw.randint(0, 3)):
            at = draw.randrange(len(text) + 1)
            text = text[:at] + draw.choice([draw.choice(PIECES), ""]) + text[at + draw.randint(0, 2) :]
        assert_equal_or_left(name, text.encode(), draw.choice([width, width, width + 1]))


@pytest.mark.parametrize("side", [-np.inf, 0.0, np.inf], ids=["below", "between", "above"])
def test_numbers_next_to_the_middle_of_two_floats_round_as_in_python(side):
    draw = random.Random(3)
    for _ in range(1_000):
        low = np.float32(abs(number(draw)) % 1e20 + 1e-20)
        middle = (float(low) + float(np.nextafter(low, np.float32(np.inf)))) / 2
        cell = float(np.nextafter(middle, side)) if side else middle
        assert_equal_or_left("csv_rows", f"{cell!r},{cell:.40e}".encode(), 2)


@pytest.mark.parametrize("name", READERS)
def test_missing_numbers_are_nan(name):
    cell = "" if name == "csv_rows" else "null"
    body = wrap(name, [["1", cell], [cell, "2"]], random.Random(4)).encode()
    rows = getattr(number_rows, name)(body, 2)
    assert np.array_equal(rows, [[1, np.nan], [np.nan, 2]], equal_nan=True)


@pytest.mark.parametrize("end", ["", "x", ",", "\n1", "]", "\0"])
def test_a_large_body_with_a_fault_is_left_to_python(end):
    rows = [[0.25, 1]] * 5_000
    assert number_rows.csv_rows(("\n".join("0.25,1" for _ in rows) + end).encode(), 2) is None or not end
    assert number_rows.json_rows((json.dumps(rows) + end).encode(), 2) is None or not end.strip()


def test_without_a_library_python_reads(monkeypatch):
    monkeypatch.setattr(number_rows, "_libraries", None)
    assert number_rows.csv_rows(b"1,2", 2) is None
    assert request_bodies.csv_rows(b"1,2", 2).tolist() == [[1, 2]]


def test_only_a_short_body_keeps_the_interpreter(monkeypatch):
    used, libraries = [], number_rows._libraries

    class Library:
        def __init__(self, name, library):
            self.read_csv = lambda *arguments: (used.append(name), library.read_csv(*arguments))[1]

    both = c_code.Libraries(Library("hasty", libraries.hasty), Library("patient", libraries.patient))
    monkeypatch.setattr(number_rows, "_libraries", both)
    for rows in (1_000, 100_000):
        assert number_rows.csv_rows(b"1,2\n" * (rows - 1) + b"1,2", 2).shape == (rows, 2)
    assert used == ["hasty", "patient"]
