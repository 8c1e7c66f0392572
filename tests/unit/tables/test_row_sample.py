"""Rows of a table are chosen evenly, with their numbers, in bounded memory."""

import io

import pytest

from tables import Folder, Recipe, locate
from tables.inspector import inspect_source
from tables.raw_rows import ROW_NUMBER
from tables.row_sample import sample_rows


@pytest.fixture
def source(tmp_path):
    """A table of 100 rows."""
    body = "a,b\n" + "".join(f"{at},{at % 3}\n" for at in range(100))
    Folder(tmp_path).put("data", "table.csv", io.BytesIO(body.encode()), "text/csv")
    return locate(Folder(tmp_path), "s3://data/table.csv")


def sample(source, names, limit, **options):
    inspection = inspect_source(source, Recipe(), supervised=False)
    return sample_rows(source, inspection, names, limit, lambda _done: None, **options)


def test_a_small_table_is_taken_whole_and_a_column_it_lacks_is_empty(source):
    chosen = sample(source, ["b", "gone"], 100)
    assert (chosen.rows, chosen.is_whole, len(chosen.frame)) == (100, True, 100)
    assert chosen.frame.columns == [ROW_NUMBER, "b", "gone"] and chosen.frame["gone"].null_count() == 100


def test_of_a_larger_one_every_few_rows_are_taken(source):
    chosen = sample(source, ["a"], 30)
    assert chosen.rows == 100 and chosen.frame[ROW_NUMBER].to_list() == list(range(1, 101, 4))
    assert chosen.frame["a"].to_list() == [str(at) for at in range(0, 100, 4)]


def test_only_the_beginning_of_a_very_large_one_is_read(source):
    assert not sample(source, ["a"], 30, max_bytes=10).is_whole
