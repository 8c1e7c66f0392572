"""Columns that add up to the target are found, and columns that nearly do are not."""

import io

import numpy as np
import polars as pl
import pytest

from tables import Recipe, locate, scan
from tables.sum_leaks import _least_squares, find_sum, read_numbers_of
from tests.corpus.cases import table as table_of

ROWS = 400


def bikes(wrong: float = 0.0) -> pl.DataFrame:
    """Hours of a bike hire: casual and registered riders, and all; in the share `wrong` of rows another number."""
    random = np.random.default_rng(4)
    casual, registered = random.poisson(40, ROWS), random.poisson(160, ROWS)
    count = casual + registered + (random.random(ROWS) < wrong) * random.integers(1, 50, ROWS)
    return pl.DataFrame(
        {
            "hour": np.arange(ROWS) % 24, "temp": random.normal(15, 5, ROWS).round(2), "casual": casual,
            "registered": registered, "cnt": count,
        }
    )  # fmt: skip


def parts(folder, keep, frame: pl.DataFrame, target: str, **recipe) -> dict[str, int]:
    out = io.StringIO()
    frame.write_csv(out)
    source = locate(folder, keep(out.getvalue()))
    from tables.inspector import inspect_source

    recipe = Recipe(target=target, **recipe)
    return scan(source, recipe, inspection=inspect_source(source, recipe)).target_parts


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("cnt", {"casual": 1, "registered": 1}),
        ("casual", {"registered": -1, "cnt": 1}),
        ("temp", {}),
        ("hour", {}),
    ],
)
def test_parts_of_a_whole_are_found_whichever_is_the_target(folder, keep, target, expected):
    assert parts(folder, keep, bikes(), target) == expected


@pytest.mark.parametrize(("wrong", "expected"), [(0.004, True), (0.05, False)])
def test_a_few_rows_may_not_add_up(folder, keep, wrong, expected):
    assert bool(parts(folder, keep, bikes(wrong), "cnt")) == expected


def test_many_parts_with_cents_gaps_and_thousands_are_found(folder, keep):
    random = np.random.default_rng(5)
    amounts = random.integers(0, 300_000, (ROWS, 5)) / 100
    frame = pl.DataFrame({f"p{i}": [f"{v:,.2f}" for v in amounts[:, i]] for i in range(5)})
    frame = frame.with_columns(other=pl.Series(random.normal(size=ROWS)), total=pl.Series(amounts.sum(axis=1).round(2)))
    frame = frame.with_columns(p2=pl.when(pl.Series(np.arange(ROWS) % 50 == 7)).then(None).otherwise(pl.col("p2")))
    styles = {f"p{i}": "thousands" for i in range(5)}
    assert parts(folder, keep, frame, "total", numbers=styles) == {f"p{i}": 1 for i in range(5)}


def test_columns_of_zeros_and_copies_are_no_parts(folder, keep):
    random = np.random.default_rng(6)
    rare = (np.arange(ROWS) == 3) * 1.0
    frame = pl.DataFrame({"a": rare, "b": np.roll(rare, 1), "c": random.normal(size=ROWS), "y": np.roll(rare, 2)})
    assert parts(folder, keep, frame, "y", types={"y": "number"}) == {}
    y = random.normal(size=ROWS)
    frame = pl.DataFrame(
        {"a": y + random.normal(scale=1e-3, size=ROWS), "b": random.normal(scale=1e-3, size=ROWS), "y": y}
    )
    assert parts(folder, keep, frame, "y") == {}


def test_the_finding_leaves_the_parts_out():
    out = io.StringIO()
    bikes().write_csv(out)
    bike_table = table_of(out.getvalue(), target="cnt")
    finding = bike_table.finding("columns.sum_leakage")
    assert (finding.level, finding.title) == ("warn", "Columns add up to the target: casual + registered is cnt")
    mended = bike_table.press("columns.sum_leakage")
    assert mended.job.recipe.excluded == ["casual", "registered"]
    assert mended.finding("columns.sum_leakage").level == "ok"
    assert mended.prepared.features == ["hour", "temp"]
    difference = bike_table.but(target="registered").finding("columns.sum_leakage")
    assert difference.title == "Columns add up to the target: cnt - casual is registered"


def test_a_target_that_is_0_in_all_rows_of_the_sample_has_no_parts():
    from tables.profile import ColumnProfile

    columns = [ColumnProfile(name, "number", rows=100, distinct=2) for name in "aby"]
    sample = pl.DataFrame({"a": ["1", "2"] * 50, "b": ["3", "4"] * 50, "y": ["0"] * 100})
    assert find_sum(read_numbers_of(sample, columns, "y")) == {}


def test_columns_that_are_rarely_filled_are_no_parts():
    rows = "".join(f"{i if i % 3 else ''},{i * 7 % 11 if i % 3 != 1 else ''},{i / 7:.3f}\n" for i in range(200))
    assert table_of("a,b,y\n" + rows, target="y").profile.target_parts == {}


@pytest.mark.parametrize("rank", [1, 4, 5])
@pytest.mark.parametrize("rows", [7, 60, 2000])
def test_least_squares_in_pieces_are_those_of_all_rows(rows, rank):
    random = np.random.default_rng(rows + rank)
    x = random.normal(size=(rows, rank)) @ random.integers(-2, 3, (rank, 5))
    y = random.normal(size=rows)
    np.testing.assert_allclose(_least_squares(x, y), np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-9, atol=1e-9)
