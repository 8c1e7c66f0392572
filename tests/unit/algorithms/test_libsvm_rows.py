"""C reads rows of LibSVM as Python does, or leaves them to Python."""

import random
import time

import numpy as np
import pytest

from algorithms.formats import number_rows, request_bodies

pytestmark = pytest.mark.skipif(not number_rows.build(), reason="there is no C compiler")
NUMBERS = ["1", "-2.5", "+3", ".5", "1.", "-0", "-0.0", "1e-3", "7E2", "0.1234567890123456789", "16777217"]
WORDS = [
    "nan:1", "1:nan", "1:inf", "-1:2", "+1:2", "1:", ":1", "1:1:1", "qid:7", "qid:", "qid:a:b", "qid", "x", "1_0:1",
    "1:1_0", "007:1", "123456789012:1", "9999999999:1", "1:1e400", "1:1e39", "1e400", "٣:1", "1:\xa01", "1 :2", "1: 2",
]  # fmt: skip
PIECES = [
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "#",
    " # note: é",
    "# 1:2",
    "\0",
    "\t",
    " ",
    ":",
    "\x0b",
    "\x1c",
    "\ufeff",
    "-",
    "1",
]


@pytest.fixture(autouse=True)
def short_bodies_too(monkeypatch):
    monkeypatch.setattr(number_rows, "MIN_BYTES", 0)


def read_in_python(body, width, shift):
    """(bytes of the rows, their shape, number of columns); None for what Python refuses."""
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        patch.setattr(number_rows, "_libraries", None)
        try:
            rows, named = request_bodies.libsvm_rows(body, width, shift)
        except (ValueError, OverflowError):
            return None
    return rows.tobytes(), rows.shape, named


def equals_python(body, width, shift):
    """Whether C read `body`. Fails if it read anything else than Python does."""
    stripped = body.strip()
    read = number_rows.libsvm_rows(stripped, width, stripped.count(b"\n") + 1, shift)
    if read is not None:
        rows, named = read
        assert (rows.tobytes(), rows.shape, named) == read_in_python(body, width, shift), body
    return read is not None


def line(draw, low, width):
    cells = [f"{index}:{draw.choice(NUMBERS)}" for index in sorted(draw.sample(range(low, width + 2), width // 2))]
    return " ".join([*draw.choice([[], ["1"], ["-1.5", "qid:3"]]), *cells, *draw.choice([[], ["# 3:x"]])])


@pytest.mark.parametrize("shift", [None, False, True])
@pytest.mark.parametrize("low", [0, 1, 2])
def test_usual_rows_are_read_in_c_and_equal_those_of_python(shift, low):
    draw = random.Random(low)
    for _ in range(100):
        width = draw.randint(2, 9)
        text = draw.choice(["\n", "\r\n"]).join(line(draw, low, width) for _ in range(draw.randint(1, 20)))
        assert equals_python(f"{text}\n".encode(), width, shift), text


def test_any_text_is_read_as_python_reads_it_or_left_to_it():
    draw = random.Random(3)
    read = 0
    for _ in range(6_000):
        width = draw.randint(1, 5)
        words = line(draw, draw.randint(0, 1), width).split(" ")
        if draw.random() < 0.5:
            words.insert(draw.randint(0, len(words)), draw.choice(WORDS))
        text = draw.choice([" ", "\t", "  "]).join(words) + "\n" + line(draw, 1, width)
        for _ in range(draw.randint(0, 2)):
            at = draw.randrange(len(text) + 1)
            text = text[:at] + draw.choice([*PIECES, ""]) + text[at + draw.randint(0, 2) :]
        read += equals_python(text.encode(), width, draw.choice([None, False, True]))
    assert 1_000 < read < 6_000


def test_a_missing_column_is_nan_and_one_beyond_the_model_is_counted_alone():
    rows, named = number_rows.libsvm_rows(b"1 1:5 3:7\n0 2:6 9:1", 3, 2, None)
    assert np.array_equal(rows, [[5, np.nan, 7], [np.nan, 6, np.nan]], equal_nan=True) and named == 9


def test_six_megabytes_take_about_as_long_as_in_csv():
    """In Python they take thirty times as long. The least processor time of some runs holds on a busy machine."""
    table = np.random.default_rng(1).normal(size=(9_000, 30)).astype(np.float32)
    bodies = {
        request_bodies.csv_rows: "\n".join(",".join(map(repr, row)) for row in table.astype(float).tolist()),
        request_bodies.libsvm_rows: "\n".join(
            " ".join(f"{index}:{cell!r}" for index, cell in enumerate(row, 1)) for row in table.astype(float).tolist()
        ),
    }
    seconds = {}
    for read, text in bodies.items():
        body, runs = text.encode(), []
        for _ in range(5):
            began = time.thread_time()
            read(body, 30)
            runs.append(time.thread_time() - began)
        seconds[read] = min(runs)
    assert seconds[request_bodies.libsvm_rows] < 5 * seconds[request_bodies.csv_rows]
