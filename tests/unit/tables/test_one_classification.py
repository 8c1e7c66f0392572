"""Counting a text that was classified before says the same as classifying each of its cells, whatever the blocks."""

import csv
import io
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.problems import Problem
from tables import (
    Folder,
    Recipe,
    column_stats,
    known_texts,
    locate,
    parse_polars,
    prepare,
    scan,
    text_chunks,
    text_stats,
)
from tables.distinct import DistinctCounter
from tables.encode_channels import ChannelEncoder
from tables.number_figures import number_figures
from tables.schema import ORIGIN
from tables.value_counts import MAX_VALUES, ValueCounts
from tests.fuzz import mutate
from tests.unit.tables.contracts import ALGORITHMS

BLOCKS = 40  # of a table, about and at most: each costs the same, of however few rows it is
bounded = settings(
    max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
many = settings(bounded, max_examples=100)
seeds = st.integers(0, 2**32 - 1)

WRITTEN = {
    "whole": lambda r: str(r.randint(-20, 60)), "decimal": lambda r: f"{r.gauss(0, 3):.3f}",
    "odd": lambda r: r.choice(["+3", "1e5", "02139", " 7 ", "1.0", "-0", "nan", "inf", str(r.randint(10**17, 10**18))]),
    "dotted": lambda r: r.choice([f"{r.randint(1, 99)}.{r.randint(100, 999)}", str(r.randint(1, 99))]),
    "iso": lambda r: f"20{r.randint(10, 24)}-{r.randint(1, 12):02d}-{r.randint(1, 31):02d}",
    "dmy": lambda r: f"{r.randint(1, 31):02d}.{r.randint(1, 12):02d}.20{r.randint(10, 24)}",
    "mdy": lambda r: f"{r.randint(1, 12)}/{r.randint(1, 31)}/{r.randint(10, 24)}",
    "month": lambda r: f"{r.randint(1, 28)} {r.choice(['Jan', 'May', 'Okt'])} 2020",
    "money": lambda r: f"${r.randint(1, 9999):,}.{r.randint(0, 99):02d}", "comma": lambda r: f"{r.randint(0, 99)},5",
    "unit": lambda r: f"{r.randint(0, 30)} {r.choice(['kg', 'lb'])}", "percent": lambda r: f"{r.randint(0, 30)}%",
    "none": lambda r: r.choice(["", "NA", "n.a.", "-", "?", "*", " "]), "yes": lambda r: r.choice(["yes", "no", "t"]),
    "word": lambda r: r.choice(["red", "green", "blue"]), "words": lambda r: f"w{r.randint(0, 300)}",
    "quoted": lambda r: r.choice(['a,"b', "two\nlines"]), "letters": lambda r: f"{r.randint(0, 99)}ab",
}  # fmt: skip


def cells(random: Random, rows: int) -> list[str]:
    """A column: mostly of one kind, of few different texts or many."""
    kinds = random.choices(list(WRITTEN), k=3)
    share = random.choice([0, 0.01, 0.1, 0.4])
    few = [WRITTEN[kinds[0]](random) for _ in range(random.randint(1, 25))] if random.random() < 0.5 else []

    def one() -> str:
        if random.random() < share:
            return WRITTEN[random.choice(kinds[1:])](random)
        return random.choice(few) if few else WRITTEN[kinds[0]](random)

    return [one() for _ in range(rows)]


def generated(random: Random) -> bytes:
    rows, out = random.choice([3, 80, 400]), io.StringIO()
    columns = [cells(random, rows) for _ in range(random.randint(2, 5))] + [[random.choice("ab") for _ in range(rows)]]
    writer = csv.writer(out, lineterminator=random.choice(["\n", "\r\n"]))
    writer.writerow([f"c{at}" for at in range(len(columns) - 1)] + ["y"])
    for row in zip(*columns, strict=True):
        writer.writerow(row[: len(row) - (random.random() < 0.01)])
    return out.getvalue().encode()


def read(folder: Folder, body: bytes, key: str, recipe: Recipe) -> object:
    """What a check of the whole file says."""
    path = folder.root / "some-tables" / key
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    try:
        return scan(locate(folder, f"s3://some-tables/{key}"), recipe).as_json() | {
            "seconds": 0,
            "etag": "",
            "files": 0,
        }
    except Problem as e:
        return e.message


def both(monkeypatch, folder: Folder, body: bytes, key: str, random: Random) -> tuple[object, object]:
    """What is said of a file whose texts are classified once, and cell by cell, in blocks that end anywhere."""
    recipe = random.choice(
        [Recipe(), Recipe(), Recipe(types={"c0": random.choice(["datetime", "boolean", "category"])})]
    )
    with monkeypatch.context() as patched:
        chunk = max(random.choice([90, 500, 3000, text_chunks.CHUNK]), len(body) // BLOCKS)
        patched.setattr(text_chunks, "CHUNK", chunk)
        patched.setattr(text_stats, "TEXT_SAMPLE", random.choice([30, 200, 50_000]))
        patched.setattr(column_stats, "TEXT_SAMPLE", text_stats.TEXT_SAMPLE)
        once = read(folder, body, key, recipe)
        patched.setattr(column_stats, "MAX_KNOWN", 0)
        return once, read(folder, body, key, recipe)


def same(monkeypatch, folder: Folder, seed: int) -> None:
    random = Random(seed)
    once, each = both(monkeypatch, folder, generated(random), "table.csv", random)
    assert once == each


def changed_same(monkeypatch, folder: Folder, seed: int) -> None:
    random = Random(seed)
    key, body, _changes = mutate.mutated(random)
    once, each = both(monkeypatch, folder, body, key.rpartition("/")[2], random)
    assert once == each


def prepared_the_same(monkeypatch, folder: Folder, seed: int) -> None:
    random = Random(seed)
    body, algorithm = generated(random), ALGORITHMS[random.choice(list(ALGORITHMS))]
    recipe = Recipe(target="y", ragged="drop", duplicates=random.choice(["keep", "drop"]), test_share=0.1)
    recipe.bad_cells = {f"c{at}": random.choice(["missing", "drop"]) for at in range(4)}
    with monkeypatch.context() as patched:
        patched.setattr(text_chunks, "CHUNK", random.choice([500, 3000]))
        some = prepared(folder, body, recipe, algorithm)
        patched.setattr(ChannelEncoder, "_only", lambda self, needed: [])
        assert prepared(folder, body, recipe, algorithm) == some


PROPERTIES = [same, changed_same, prepared_the_same]


@pytest.mark.parametrize("check", PROPERTIES, ids=lambda check: check.__name__)
@bounded
@given(seed=seeds)
def test_a_table_is_said_and_prepared_to_be_the_same(monkeypatch_module, tmp_folder, check, seed):
    check(monkeypatch_module, tmp_folder, seed)


@pytest.mark.long
@pytest.mark.parametrize("check", PROPERTIES, ids=lambda check: check.__name__)
@many
@given(seed=seeds)
def test_many_tables_are_said_and_prepared_to_be_the_same(monkeypatch_module, tmp_folder, check, seed):
    check(monkeypatch_module, tmp_folder, seed)


@bounded
@given(seeds)
def test_reading_each_text_once_prepares_the_same_bytes(monkeypatch_module, tmp_folder, seed):
    random = Random(seed)
    body, algorithm = generated(random), ALGORITHMS[random.choice(list(ALGORITHMS))]
    recipe = Recipe(target=random.choice(["y", "c0"]), ragged="drop", test_share=0.1)
    recipe.bad_cells = dict.fromkeys(["c0", "c1", "c2", "c3"], "missing")
    with monkeypatch_module.context() as patched:
        patched.setattr(text_chunks, "CHUNK", random.choice([500, 3000, text_chunks.CHUNK]))
        patched.setattr(parse_polars, "SAMPLE", random.choice([1, 20, 1000]))
        once = prepared(tmp_folder, body, recipe, algorithm)
        patched.setattr(parse_polars, "REPEATED", 10**9)
        assert prepared(tmp_folder, body, recipe, algorithm) == once


CELLS = st.lists(st.sampled_from(["", "a", " a", "NA", "yes", "2024-01-31", None, "é", "0"]), max_size=60)


@bounded
@given(CELLS)
def test_each_text_read_once_is_as_each_cell_read(cells):
    frame, cell = pl.DataFrame({"c": cells}, schema={"c": pl.String}), parse_polars.strip_missing(pl.col("c"))
    for expression, kind in (
        (cell, pl.String), (parse_polars.parse_timestamp(cell, "iso"), pl.Int64),
        (parse_polars.parse_boolean(cell), pl.Float64), (cell.is_null(), pl.Boolean),
    ):  # fmt: skip
        read = frame.select(parse_polars.by_text("c", expression, kind)).to_series()
        assert read.equals(frame.select(expression.alias("c")).to_series(), null_equal=True)


def prepared(folder: Folder, body: bytes, recipe: Recipe, algorithm) -> object:
    path = folder.root / "some-tables" / "table.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    try:
        result = prepare(locate(folder, "s3://some-tables/table.csv"), recipe, algorithm, "s3://some-tables/out")
    except Problem as e:
        return e.message
    files = sorted(path for path in (folder.root / "some-tables" / "out").rglob("*") if path.is_file())
    written = {path.name: path.read_bytes() for path in files if path.name != ORIGIN}  # it has the time of the table
    for path in files:
        path.unlink()
    return result.counts, written


@pytest.fixture(scope="module")
def tmp_folder(tmp_path_factory) -> Folder:
    return Folder(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def monkeypatch_module():
    return pytest.MonkeyPatch


@bounded
@given(st.lists(st.lists(st.floats() | st.none(), min_size=1, max_size=1), min_size=1, max_size=30))
def test_figures_of_all_columns_at_once_are_those_of_each(values):
    column = pl.Series("x", [row[0] for row in values], pl.Float64)
    column = column.set(column.is_nan() | column.is_infinite(), None)
    figures = number_figures(pl.DataFrame([column, column.alias("z")]))
    numbers = column.drop_nulls()
    assert figures[0] == figures[1] and figures[0]["n"] == len(numbers)
    assert (figures[0]["low"], figures[0]["high"]) == (numbers.min(), numbers.max())
    assert figures[0]["whole"] is all(number == round(number) for number in numbers)


def test_different_values_are_counted_the_same_however_they_come():
    values = pl.Series([float(n % 30_000) for n in range(60_000)])
    whole, parts = DistinctCounter(), DistinctCounter()
    whole.add(values)
    for start in range(0, len(values), 700):
        parts.add(values[start : start + 700])
    assert whole.estimate() == parts.estimate()
    assert abs(whole.estimate() - 30_000) < 3000


def test_texts_are_counted_up_to_a_number_of_different_ones():
    few, many = ValueCounts(), ValueCounts()
    for start in range(0, 5 * MAX_VALUES, 10):
        texts = pl.Series([f" {n % MAX_VALUES}" for n in range(start, start + 10)])
        few.add(texts, texts.str.strip_chars().cast(pl.Float64))
        texts = pl.Series([str(n % (MAX_VALUES + 1)) for n in range(start, start + 10)])
        many.add(texts, texts.cast(pl.Float64))
    assert few.counts() == {str(n): 5 for n in range(MAX_VALUES)}
    assert many.counts() is None


def test_known_texts_hold_a_bounded_number_of_characters():
    known = known_texts.KnownTexts()
    for first in range(0, 200, 20):
        known.add(pl.Series([None, *(f"{n} " + "x" * 100_000 for n in range(first, first + 20))]))
    texts = [f"{n} " + "x" * 100_000 for n in range(200)]
    others = known.split(pl.DataFrame({"raw": [None, *texts], "count": [1, *[2] * 200]}))
    held = set(texts) - set(others["raw"])
    assert 0 < sum(map(len, held)) <= known_texts.MAX_CHARACTERS
    assert known.take()["count"].sum() == 1 + 2 * len(held)
