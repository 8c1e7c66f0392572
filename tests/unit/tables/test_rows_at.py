"""The rows that a message names are read, and no others."""

import pytest

from tables.rows_at import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Wanted, read_rows_at, rows_at
from tests.corpus.cases import BUCKET, MemoryStore

TABLE = 'label,age,city\n0,1,a\n1,"2\n3",b\nx,4,c\nx,5,d\n'


def read(wanted: Wanted, body: bytes, header: bool = True, delimiter: str = ""):
    store = MemoryStore({"k": body})
    (item,) = store.list_objects(BUCKET, "")
    return read_rows_at(store, BUCKET, item.key, item.size, item.etag, wanted, delimiter, header)


def test_a_line_is_found_though_cells_before_it_have_ends_of_lines():
    rows = rows_at(TABLE, Wanted(line=5, column="label"), "", True)

    assert [(row.line, row.cells, row.bad) for row in rows.rows] == [(5, ["x", "4", "c"], 0)]
    assert (rows.names, rows.lines, rows.last_line, rows.column) == (["label", "age", "city"], [5], 6, 0)


def test_all_rows_of_a_value_are_counted_and_the_first_are_shown():
    rows = rows_at("1;2\n" + "x;3\n" * 10, Wanted(value="x"), "", False)

    assert rows.lines == [*range(2, 12)] and len(rows.rows) == MAX_ROWS
    assert rows.names == ["1", "2"]


@pytest.mark.parametrize("wanted, lines", [
    (Wanted(column="1", allowed=(0, 1)), [3, 4]),
    (Wanted(column="1", value="4"), [3]),
    (Wanted(column="2", value="4"), []),
    (Wanted(line=2), [2]),
    (Wanted(line=9), []),
])  # fmt: skip
def test_what_is_wanted_is_found(wanted, lines):
    rows = rows_at("0,9\n1.0,9\n4.0,9\nx,9\n", wanted, ",", False)

    assert (rows.lines if rows else []) == lines


def test_wide_rows_and_long_cells_are_cut_around_what_is_meant():
    row = ",".join(str(n) for n in range(50))
    rows = rows_at(
        f"{row}\n" + ",".join(["y" * 500] * 49 + ["bad"]) + "\n", Wanted(column="50", value="bad"), "", False
    )

    (only,) = rows.rows
    assert len(only.cells) == MAX_COLUMNS and only.cells[only.bad] == "bad" and rows.names[only.bad] == "50"
    assert max(map(len, only.cells)) == MAX_CELL


def test_a_short_row_is_shown_as_it_is():
    rows = rows_at("1,2,3\n4\n", Wanted(line=2, column="3"), ",", False)

    assert [(row.cells, row.bad) for row in rows.rows] == [(["4", "", ""], None)]


@pytest.mark.parametrize(
    "body", [b"", b"\x1f\x8b\x08rest", b"PAR1xxxx", b"a\x00b,c\n"], ids=["empty", "gzip", "parquet", "nul"]
)
def test_what_is_no_text_has_no_rows(body):
    assert read(Wanted(line=1), body, header=False) is None


def test_no_more_than_the_beginning_is_read():
    row = b"1," + b"2" * 1021 + b"\n"
    body = row * (MAX_BYTES // len(row) + 10) + b"x,2\n"

    assert read(Wanted(value="x"), body, header=False) is None
    assert not read(Wanted(line=7), body, header=False).complete
