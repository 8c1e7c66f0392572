"""The first rows of a table as a CSV of their own: as they are written, whatever the format, two classes at least."""

import io

import polars as pl

from tables import Recipe, locate
from tables.first_rows import first_rows


def rows_of(folder, uri: str, recipe: Recipe | None = None, count: int = 100) -> pl.DataFrame:
    content = first_rows(locate(folder, uri), recipe or Recipe(), count)
    return pl.read_csv(io.BytesIO(content), infer_schema=False)


def test_cells_stay_as_they_are_written(folder, keep):
    uri = keep('id;name\n007;"a;b"\n008;\n')

    assert rows_of(folder, uri).rows() == [("007", "a;b"), ("008", "")]


def test_only_the_first_rows_are_taken(folder, keep):
    uri = keep("a,y\n" + "".join(f"{n},{n % 2}\n" for n in range(500)))

    assert rows_of(folder, uri, Recipe(target="y"))["a"].to_list() == [str(n) for n in range(100)]


def test_rows_are_spread_where_the_first_have_one_label(folder, keep):
    uri = keep("a,y\n" + "".join(f"{n},{'yes' if n > 450 else 'no'}\n" for n in range(500)))

    rows = rows_of(folder, uri, Recipe(target="y"))

    assert set(rows["y"]) == {"yes", "no"}
    assert len(rows) == 100


def test_a_rare_label_is_among_the_rows(folder, keep):
    uri = keep("a,y\n" + "".join(f"{n},{'yes' if n == 333 else 'no'}\n" for n in range(500)))

    rows = rows_of(folder, uri, Recipe(target="y"))

    assert set(rows["y"]) == {"yes", "no"}
    assert len(rows) <= 101


def test_json_lines_and_parquet_become_csv(folder, keep):
    frame = pl.DataFrame({"a": [1.5, 2.0], "b": ["x", None]})
    parquet, lines = io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    frame.write_ndjson(lines)

    for name, body in (("t.parquet", parquet), ("t.jsonl", lines)):
        rows = rows_of(folder, keep(body.getvalue(), name)).rows()
        assert [(float(a), b) for a, b in rows] == [(1.5, "x"), (2.0, None)]
