"""Where the names of columns stand, and columns without one."""

from __future__ import annotations

import csv

import pytest

from common.problems import Problem
from tables import Recipe, inspect, locate, prepare
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS
from tests.unit.tables.dialect_tables import COMMA, COUNT, NAMES, ROWS, TABLE, TEXTS, joined, names_of, written


def numbered(rows) -> list[list[str]]:
    """`rows` with a row name in front."""
    return [[f'"{i}"', *cells] for i, cells in enumerate(rows, 1)]


UNNAMED = {
    "R: write.table with commas": written([NAMES]) + joined(numbered(ROWS), ","),
    "R: write.table": written([NAMES], " ", quoting=csv.QUOTE_ALL) + joined(numbered(ROWS), " "),
    "R: write.table with tabs": joined([NAMES], "\t") + joined(numbered(ROWS), "\t"),
    "R: write.csv2": joined([NAMES], ";") + joined(numbered(COMMA), ";"),
    "counted from 0": joined([NAMES, *([str(i), *cells] for i, cells in enumerate(ROWS))], ","),
}


@pytest.mark.parametrize("name", UNNAMED)
def test_numbers_of_rows_need_no_name(folder, keep, name):
    table = inspect(folder, keep(UNNAMED[name]))
    assert names_of(table) == ["#1", *NAMES] and not table.names_written
    assert [cell.replace(",", ".") for cell in table.rows[0][1:]] == ROWS[0]
    assert table.column("bought").type == "binary"


SHIFTED = {
    "names of rows": joined([NAMES, *([f"shop {i % 9}", *cells] for i, cells in enumerate(ROWS))], ","),
    "a note at the end": joined([NAMES, *([*cells, "checked"] for cells in ROWS)], ","),
    "two cells without a name": joined([NAMES, *([str(i), "x", *cells] for i, cells in enumerate(ROWS))], ","),
    "a decimal comma without quotes": joined([NAMES, *COMMA], ","),
    "a delimiter in a text without quotes": joined([NAMES, *TEXTS], ","),
    "a name with a comma": "income (EUR, net),age,colour,bought\n" + joined(ROWS, ","),
    "a name too many": joined([[*NAMES, "note"], *ROWS], ","),
    "tabs": joined([NAMES, *([f"shop {i % 9}", *cells] for i, cells in enumerate(ROWS))], "\t"),
    "semicolons": joined([NAMES, *([*cells, "x"] for cells in ROWS)], ";"),
}


@pytest.mark.parametrize("name", SHIFTED)
def test_names_that_fit_no_column_are_refused_and_not_shifted(folder, keep, name):
    uri = keep(SHIFTED[name])
    table = inspect(folder, uri)
    assert table.names_written and table.names_written != len(table.columns)
    with pytest.raises(Problem, match="column names, and .* cells in a row"):
        prepare(locate(folder, uri), Recipe(target=table.columns[0].name), ALGORITHMS["trees"], f"s3://{BUCKET}/made")


def test_a_person_says_where_the_names_stand(folder, keep):
    right = inspect(folder, keep(SHIFTED["names of rows"]), Recipe(align_names="right"))
    assert names_of(right) == ["#1", *NAMES] and not right.names_written
    left = inspect(folder, keep(SHIFTED["a note at the end"]), Recipe(align_names="left"))
    assert names_of(left) == [*NAMES, "#5"] and not left.names_written
    cut = inspect(folder, keep(SHIFTED["a name too many"]), Recipe(align_names="left"))
    assert names_of(cut) == NAMES and not cut.names_written


def test_empty_cells_at_the_end_of_every_row_need_no_name(folder, keep):
    table = inspect(folder, keep(joined([NAMES, *([*cells, ""] for cells in ROWS)], ",")))
    assert names_of(table) == [*NAMES, "#5"] and not table.names_written


ARRAYS = {
    "pandas": (",".join("0123"), [f"{i / 7:.3f},{i / 9:.3f},{i / 5:.3f},{i % 2}" for i in range(1, 60)], list("0123")),
    "pandas with an index": (
        ",0,1,2,3",
        [f"{i},{i / 7:.3f},{i / 9:.3f},{i / 5:.3f},{i % 2}" for i in range(60)],
        ["#1", *"0123"],
    ),
    "pixels": (
        ",".join(map(str, range(30))),
        [",".join(str((7 * i * j + i) % 256) for j in range(30)) for i in range(60)],
        [str(i) for i in range(30)],
    ),
    "counted from one": (
        "1,2,3,4,5,6",
        [",".join(f"{i * j / 7:.2f}" for j in range(6)) for i in range(60)],
        [str(i) for i in range(1, 7)],
    ),
    "years": (
        "country,2019,2020,2021,2022",
        [f"c{i},{i * 3},{i * 5},{i * 7},{i * 11}" for i in range(60)],
        ["country", "2019", "2020", "2021", "2022"],
    ),
    "two columns": ("0,1", [f"{i / 7:.3f},{i % 2}" for i in range(60)], ["0", "1"]),
    "semicolons": ("0;1;2", [f"{i / 7:.3f};{i / 3:.2f};{i % 3}" for i in range(60)], ["0", "1", "2"]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_numbers_that_count_the_columns_are_their_names(folder, keep, name):
    first, rows, wanted = ARRAYS[name]
    table = inspect(folder, keep("\n".join([first, *rows]) + "\n"))
    assert (names_of(table), table.rows_seen) == (wanted, len(rows))


@pytest.mark.parametrize(
    "rows",
    [
        ["1,2,3", "4,5,6", "7,8,9"],
        [",".join(map(str, (i, i + 1, i + 2, i + 3))) for i in range(40)],
        [f"{i % 2},{(i // 2) % 2}" for i in range(40)],
        [f"{i % 3},{(i + 1) % 3},{(i + 2) % 3}" for i in range(40)],
        ["1,2", "3,4", "5,6"],
        [f"{i % 10},{i * 3 % 10},{i * 7 % 10},1" for i in range(40)],
        ["2019,2020,2021", *(f"{i},{2 * i},{3 * i}" for i in range(40))][1:],
    ],
    ids=["three rows", "diagonal", "xor", "circle", "pairs", "digits", "amounts"],
)
def test_numbers_that_are_data_stay_data(folder, keep, rows):
    table = inspect(folder, keep("\n".join(rows) + "\n"))
    assert not table.has_header and table.rows_seen == len(rows)


TWO_ROWS = {
    "groups": (
        ["personal,,,result", "income,age,colour,bought"],
        ["personal income", "personal age", "personal colour", "result bought"],
    ),
    "groups with a blank corner": (
        [",person,,", "income,age,colour,bought"],
        ["income", "person age", "person colour", "person bought"],
    ),
    "repeated groups": (["a,a,b,b", ",".join(NAMES)], ["a income", "a age", "b colour", "b bought"]),
    "units": (
        [",".join(NAMES), "EUR,years,name,yes"],
        ["income EUR", "age years", "colour name", "bought yes"],
    ),
    "a title and groups": (
        ["Survey,,,", "personal,,,result", ",".join(NAMES)],
        ["personal income", "personal age", "personal colour", "result bought"],
    ),
}


@pytest.mark.parametrize("name", TWO_ROWS)
def test_two_rows_of_names_are_put_together(folder, keep, name):
    lines, wanted = TWO_ROWS[name]
    table = inspect(folder, keep("\n".join(lines) + "\n" + joined(ROWS, ",")))
    assert (names_of(table), table.rows_seen) == (wanted, COUNT)
    assert table.column(wanted[0]).type == "float"


def test_one_odd_row_of_words_is_no_second_row_of_names(folder, keep):
    body = joined([NAMES, ["unknown", "30", "red", "1"], *ROWS], ",")
    assert inspect(folder, keep(body)).rows_seen == COUNT + 1


@pytest.mark.parametrize(
    "sign",
    [",", "\t", ";", "|", " ", "\x01", "^"],
    ids=["comma", "tab", "semicolon", "bar", "space", "ctrl-a", "caret"],
)
def test_a_second_object_with_titles_of_its_own_is_read(folder, keep, sign):
    keep("Report one\n" + joined(TABLE, sign), "d/a.csv")
    keep("Report two\n" + joined(TABLE, sign), "d/b.csv")
    table = inspect(folder, f"s3://{BUCKET}/d/")
    recipe = Recipe(target="bought", validation="none", excluded=["colour"])
    ready = prepare(locate(folder, f"s3://{BUCKET}/d/"), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    assert names_of(table) == NAMES and ready.counts["train"] == 2 * COUNT
