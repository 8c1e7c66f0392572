"""Text tables as programs of many countries write them: each is read with the right names above the right columns."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from common.problems import Problem
from tables import Folder, Recipe, inspect, locate, prepare
from tables.dialect import FIXED, PLAIN, Dialect
from tables.dialect_detection import detect
from tables.text_chunks import row_ends
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS
from tests.unit.tables.dialect_tables import COMMA, COUNT, NAMES, ROWS, TABLE, TEXTS, joined, names_of, written

CASES = Path(__file__).parents[2] / "corpus"


def padded(rows, widths, right=False) -> str:
    return "".join(
        "".join(c.rjust(w) if right else c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip() + "\n"
        for cells in rows
    )


def case(name: str):
    return inspect(Folder(CASES), f"s3://cases/{name}")


PLAIN_TABLES: dict[str, str] = {
    # Delimiters
    "tabs": joined(TABLE, "\t"),
    "bars": joined(TABLE, "|"),
    "Germany: semicolons and decimal commas": joined([NAMES, *COMMA], ";"),
    "Brazil: tabs and decimal commas": joined([NAMES, *COMMA], "\t"),
    "spaces": joined(TABLE, " "),
    "Spain: spaces and decimal commas": joined([NAMES, *COMMA], " "),
    "several spaces": joined(TABLE, "   "),
    "spaces in front": "".join(f"  {line}\n" for line in joined(TABLE, "  ").splitlines()),
    "spaces and tabs": joined([[f"{a}   {b}\t{c}", d] for a, b, c, d in TABLE], "  "),
    "spaces at the end": "".join(f"{line}  \n" for line in joined(TABLE, "  ").splitlines()),
    "carets": joined(TABLE, "^"),
    "tildes": joined(TABLE, "~"),
    "Ctrl-A of Hive": joined(TABLE, "\x01"),
    "unit separators": joined(TABLE, "\x1f"),
    "double colons of MovieLens": joined(TABLE, "::"),
    "double bars": joined(TABLE, "||"),
    "broken bars": joined(TABLE, "¦"),
    "sections": joined(TABLE, "§"),
    "France: Ctrl-A and decimal commas": joined([NAMES, *COMMA], "\x01"),
    "Poland: carets and decimal commas": joined([NAMES, *COMMA], "^"),
    "fixed widths": padded(TABLE, (10, 6, 9, 6)),
    "fixed widths, figures to the right": padded(TABLE, (8, 6, 9, 8), right=True),
    "carriage returns and line feeds": written(TABLE, end="\r\n"),
    "carriage returns alone": written(TABLE, end="\r"),
    "spaces and carriage returns": joined(TABLE, " ").replace("\n", "\r\n"),
    # Quotes
    "all quoted": written(TABLE, quoting=csv.QUOTE_ALL),
    "all quoted with tabs": written(TABLE, "\t", quoting=csv.QUOTE_ALL),
    "all quoted with spaces": written(TABLE, " ", quoting=csv.QUOTE_ALL),
    "single quotes": written(TABLE, quotechar="'", quoting=csv.QUOTE_ALL),
    "blanks after commas": joined(TABLE, ", "),
    # Rows above the names
    "Excel: sep=;": "sep=;\n" + joined(TABLE, ";"),
    "Excel: SEP=, and carriage returns": "SEP=,\r\n" + written(TABLE, end="\r\n"),
    "Excel: sep=\\t": "sep=\t\n" + joined(TABLE, "\t"),
    "Excel: quoted sep": '"sep=;"\n' + joined(TABLE, ";"),
    "Netherlands: sep=; and decimal commas": "sep=;\n" + joined([NAMES, *COMMA], ";"),
    "a title": "Sales report\n" + joined(TABLE, ","),
    "a title and a blank line": "Sales report\n\n" + joined(TABLE, ","),
    "two titles": "Sales report Q3 2023\nGenerated: 2023-10-01\n\n" + joined(TABLE, ","),
    "Korea: a title": "2023년 3분기 매출\n\n" + joined(TABLE, ","),
    "Japan: a title": "売上報告\n" + joined(TABLE, ","),
    "Russia: a title above semicolons": "Отчёт о продажах\n" + joined(TABLE, ";"),
    "a title above tabs": "Report\n" + joined(TABLE, "\t"),
    "a padded title": "Sales report,,,\n" + joined(TABLE, ","),
    "two padded titles": "Sales report,,,\nGenerated 2023-10-01,,,\n" + joined(TABLE, ","),
    "a title with commas": "Sales, all regions\n" + joined(TABLE, ","),
    "Italy: a title with a date": "Vendite; 01/10/2023\n" + joined([NAMES, *COMMA], ";"),
    "comments": "# exported by tool v1.2\n# columns: income, age\n" + joined(TABLE, ","),
    "a comment as wide as the table": "# one, two, three, four\n" + joined(TABLE, ","),
    "comments with percent signs": "% made by octave\n" + joined(TABLE, ","),
    "comments with slashes": "// made by hand\n" + joined(TABLE, ";"),
    "comments above tabs": "#fileformat=1\n#source=lab\n" + joined(TABLE, "\t"),
    "names in a comment": "#" + joined(TABLE, ","),
    "names in a comment of numpy": "# " + joined(TABLE, ","),
    "names in the last of two comments": "# made by numpy\n# " + joined(TABLE, ","),
    "names in a comment with spaces": "# " + joined(TABLE, " "),
    "blank lines above": "\n\n" + joined(TABLE, ","),
    "a line below the names": joined([NAMES], " | ") + "-----|---|---|---\n" + joined(ROWS, " | "),
    # Names
    "names with blanks around": joined([[f" {name} " for name in NAMES], *ROWS], ","),
    "a comma at the end of the names": joined([[*NAMES, ""], *ROWS], ","),
}


@pytest.mark.parametrize("name", PLAIN_TABLES)
def test_a_table_is_read_however_it_is_written(folder, keep, name):
    table = inspect(folder, keep(PLAIN_TABLES[name]))
    assert names_of(table) == NAMES
    got = [[cell.strip().replace(",", ".") for cell in cells] for cells in table.rows]
    assert got == ROWS[:5]
    assert table.names_written == 0


@pytest.mark.parametrize("name", PLAIN_TABLES)
def test_what_is_prepared_of_it_is_the_same(folder, keep, name):
    uri = keep(PLAIN_TABLES[name])
    recipe = Recipe(target="bought", validation="none", ragged="drop", excluded=["colour"])
    prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    lines = b"".join(
        folder.fetch(BUCKET, o.key, 0, o.size) for o in folder.list_objects(BUCKET, "made/train/")
    ).decode()
    assert lines.splitlines() == [f"{bought},{income},{age}" for income, age, _, bought in ROWS]


QUOTED = {
    "CSV": written([NAMES, *TEXTS]),
    "blanks before quotes": "".join(
        f'{a}, {b}, "{c}", {d}\n' if i else f"{a}, {b}, {c}, {d}\n" for i, (a, b, c, d) in enumerate([NAMES, *TEXTS])
    ),
    "blanks before quotes and in the names": "".join(f'"{a}", "{b}", "{c}", "{d}"\n' for a, b, c, d in [NAMES, *TEXTS]),
    "two blanks before quotes": "".join(f'{a},  {b},  "{c}",  {d}\n' for a, b, c, d in [NAMES, *TEXTS]),
    "blanks before quotes after semicolons": "".join(
        f'{a}; {b}; "{c}"; {d}\n' for a, b, c, d in [NAMES, *((a, b, c.replace(",", ";"), d) for a, b, c, d in TEXTS)]
    ),
    "single quotes": written([NAMES, *TEXTS], quotechar="'"),
    "backslashes": "".join(
        f'{a},{b},"{c}",{d}\n' for a, b, c, d in [NAMES, *((a, b, f'\\"{c[:-6]}\\", dark', d) for a, b, c, d in TEXTS)]
    ),
    "backslashes in tabs": "".join(
        f'{a}\t{b}\t"{c}"\t{d}\n'
        for a, b, c, d in [NAMES, *((a, b, f'{c[:-6]} \\"x\\"\t, dark', d) for a, b, c, d in TEXTS)]
    ),
}


@pytest.mark.parametrize("name", QUOTED)
def test_a_delimiter_inside_quotes_cuts_no_cell(folder, keep, name):
    table = inspect(folder, keep(QUOTED[name]))
    assert (names_of(table), table.rows_seen, table.profile.ragged_count) == (NAMES, COUNT, 0)
    assert table.rows[0][2].replace(";", ",").replace('"', "").replace("x\t", "").replace(" ,", ",") == "red, dark"
    assert table.column("bought").type == "binary" and table.column("age").type == "int"


def test_quotes_that_are_inches_are_text(folder, keep):
    table = inspect(folder, keep("size,label\n" + "".join(f'{i}" pipe,{i % 2}\n' for i in range(20))))
    assert table.rows[0] == ['0" pipe', "0"] and table.rows_seen == 20


def test_a_path_that_ends_with_a_backslash_is_no_escape(folder, keep):
    table = inspect(folder, keep("path,size\n" + "".join(f'"C:\\dir{i}\\",{i}\n' for i in range(20))))
    assert table.rows[3] == ["C:\\dir3\\", "3"] and table.profile.ragged_count == 0


def test_null_of_hive_keeps_its_backslash(folder, keep):
    body = "a,b,c\n" + "".join(f'{i},"x \\"y\\", z",\\N\n' for i in range(20))
    assert inspect(folder, keep(body)).rows[0] == ["0", 'x "y", z', "\\N"]


@pytest.mark.parametrize("times", [None, "fixed"])
def test_line_numbers_are_those_of_the_file(folder, keep, times):
    rows = [list(cells) for cells in ROWS]
    rows[9][1] = "many"
    body = "Report\n\n" + (padded([NAMES, *rows], (10, 6, 9, 6)) if times else joined([NAMES, *rows], "   "))
    table = inspect(folder, keep(body))
    cell = table.profile.column("age").odd["text"][0]
    assert (cell.row, cell.line, cell.value) == (10, 13, "many")


def test_a_quoted_line_break_is_no_row_end_in_any_dialect():
    for dialect, text in (
        (PLAIN, b'a,"x\ny"\n'),
        (Dialect(",", "blank"), b'a, "x\ny"\n'),
        (Dialect(",", "backslash"), b'a,"x\\"\ny"\n'),
        (Dialect(",", "single"), b"a,'x\ny'\n"),
        (Dialect("blanks"), b'a   "x\ny"\n'),
        (Dialect("::"), b'a::"x\ny"\n'),
    ):
        assert row_ends(text, dialect).tolist() == [len(text) - 1]
    assert row_ends(b'a,"x\ny"\n', Dialect(",", "none")).tolist() == [4, 7]
    assert row_ends(b'a "x\ny"\n', Dialect(FIXED)).tolist() == [4, 7]


def test_every_small_piece_is_read_in_the_same_dialect(folder, keep, monkeypatch):
    from tables import text_chunks

    monkeypatch.setattr(text_chunks, "CHUNK", 64)
    body = QUOTED["backslashes"]
    recipe = Recipe(target="bought", validation="none")
    ready = prepare(locate(folder, keep(body)), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    assert ready.counts["train"] == COUNT


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        ("".join(f"Ann Bell {i}\n" if i else "first last n\n" for i in range(30)), ","),
        (joined(TABLE, ";"), ","),
        (joined(TABLE, "\t"), "|"),
        (joined(TABLE, "^"), ";"),
    ],
    ids=["words", "semicolons", "tabs", "carets"],
)
def test_a_delimiter_that_does_not_cut_is_known_with_those_that_do(folder, keep, body, sign):
    table = inspect(folder, keep(body), Recipe(delimiter=sign))
    assert len(table.columns) == 1 and table.offered
    assert len(inspect(folder, keep(body), Recipe(delimiter=table.offered[0].delimiter)).columns) > 1


LIBSVM = {
    "a label alone": "1 1:23.8 2:52\n0 1:9 2:4\n1\n0 2:5\n",
    "a label alone first": "1\n0 1:9 2:4\n1 1:3\n0 2:5\n",
    "tabs": "1\t1:23.8\t2:52\n0\t1:9\t2:4\n1\t1:2\n0\t2:2\n",
    "comments": "# made by hand\n1 1:23.8 # one\n0 1:9 2:4\n1 1:2\n0 2:2 # four\n",
    "nan": "1 1:nan 2:52\n0 1:9 2:NaN\n1 1:2\n0 2:2\n",
    "infinity": "1 1:inf 2:52\n0 1:9 2:-inf\n1 1:2\n0 2:2\n",
    "signs": "+1 1:1 2:52\n-1 1:9 2:-4\n+1 1:2\n-1 2:2\n",
    "weights": "1:0.5 1:1 2:52\n0:1.5 1:9 2:-4\n1:1 1:2\n0:1 2:2\n",
    "blank lines": "1 1:1 2:52\n\n0 1:9 2:-4\n\n1 1:2\n0 2:2\n",
    "blanks at the end": "1 1:1 2:52 \n0 1:9 2:-4 \n1 1:2 \n0 2:2 \n",
    "queries": "1 qid:1 1:1 2:52\n0 qid:1 1:9\n1 qid:2 1:2\n0 qid:2 2:2\n",
    "several blanks": "1  1:1   2:52\n0  1:9 2:-4\n1  1:2\n0  2:2\n",
}


@pytest.mark.parametrize("name", LIBSVM)
def test_libsvm_is_recognised_as_it_is_written(folder, keep, name):
    table = inspect(folder, keep(LIBSVM[name], "t.libsvm"))
    label = table.profile.columns[0]
    assert (table.format, table.rows_seen, label.distinct, label.missing) == ("libsvm", 4, 2, 0)


@pytest.mark.parametrize("body", ["12:30\n12:45\n13:00\n", "1\n0\n1\n", "a 1:2\nb 1:3\n", "10:00 11:00\n11:00 12:00\n"])
def test_times_and_words_are_no_libsvm(folder, keep, body):
    assert inspect(folder, keep(f"t\n{body}")).format == "csv"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("B01-r-write-table-rownames/t.csv", ["#1", *NAMES]),
        ("B02-space-after-comma-quoted/t.csv", NAMES),
        ("B03-spark-backslash-quote-comma/t.csv", NAMES),
        ("C01-sep-semicolon/t.csv", NAMES),
        ("C02-title-lines/t.csv", NAMES),
        ("C02h-comment-lines/t.csv", NAMES),
        ("C03-header-integers/t.csv", list("0123")),
        ("D01-space-separated/t.csv", NAMES),
        ("D02-uci-space-no-header/t.data", [f"#{i}" for i in range(1, 6)]),
        ("D03h-hive-ctrl-a/000000_0", [f"#{i}" for i in range(1, 5)]),
        ("H01-libsvm-label-only-row/t.libsvm", ["#1"]),
        ("H02-libsvm-tabs/t.libsvm", ["#1"]),
    ],
)
def test_a_reported_table_is_read_right(name, wanted):
    table = case(name)
    assert names_of(table) == wanted
    assert table.rows_seen == (300 if name[0] in "H" or name.startswith("C03") else 200)
    if "bought" in wanted:
        assert table.column("bought").type == "binary" and table.column("bought").unique == 2
    if name[0] == "H":
        assert table.format == "libsvm" and table.task == "binary"


def test_a_row_longer_than_a_cell_may_be_is_cut_by_its_own_delimiter_whatever_another_makes_of_it():
    """Cut at the one bar that a cell holds, the row is one cell of 150,000 characters."""
    row = ",".join(["a|b", *["1234"] * 29_999])
    head = detect(f"{row}\n" * 4, uri="s3://bucket/wide.csv")
    assert (head.dialect.delimiter, head.width) == (",", 30_000)


def test_a_cell_that_is_too_long_is_said_of_its_file(folder, keep):
    with pytest.raises(Problem, match="^s3://local-tables/long.csv has a cell of more than 131,072 characters"):
        inspect(folder, keep(b"a,b\n1," + b"x" * 200_000 + b"\n", "long.csv"))
