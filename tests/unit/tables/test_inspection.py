import io

import polars as pl
import pytest

from models_app.aws import s3_store
from models_app.problems import Problem
from tables import Inspection, Recipe
from tests.unit.tables.real import breast_cancer


def inspect(uri: str, **how) -> Inspection:
    return s3_store.inspect(uri, Recipe(**how))


def says(uri: str, **more) -> str:
    with pytest.raises(Problem) as refused:
        inspect(uri, **more)
    return refused.value.message


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_header_types_and_target_are_found(put, delimiter):
    rows = ["id,height,grade,when,churned"] + [
        f"{i},{i / 3},{'ABC'[i % 3]},2024-01-{i % 28 + 1:02},{i % 2}" for i in range(60)
    ]
    inspection = inspect(put("\n".join(rows).replace(",", delimiter) + "\n"))
    assert (inspection.delimiter, inspection.has_header, inspection.rows_seen, inspection.complete) == (
        delimiter,
        True,
        60,
        True,
    )
    assert [c.type for c in inspection.columns] == ["int", "float", "category", "datetime", "binary"]
    assert (inspection.target_suggestion, inspection.task) == ("churned", "binary")
    assert inspection.columns[0].min == 0 and inspection.columns[0].max == 59 and sum(inspection.columns[0].hist) == 60
    assert inspection.rows[0] == ["0", "0.0", "A", "2024-01-01", "0"] and len(inspection.rows) == 5


def test_a_real_table_is_told_right(put):
    inspection = inspect(put(breast_cancer()))
    assert (inspection.target_suggestion, inspection.task, len(inspection.columns)) == ("target", "binary", 31)
    assert not any(column.problem for column in inspection.columns)


@pytest.mark.parametrize("text", ["1,2,3\n4,5,6\n", "1.5,2\n1e-3,-4\n"])
def test_numbers_only_have_no_header_and_the_label_first(put, text):
    inspection = inspect(put(text))
    assert not inspection.has_header
    assert inspection.target_suggestion == "#1"


def test_a_header_may_be_forced_or_denied(put):
    uri = put("1,2\n3,4\n5,6\n")
    assert [c.name for c in inspect(uri, has_header=True).columns] == ["1", "2"]
    assert inspect(put("a,b\n1,2\n"), has_header=False).rows_seen == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read(put, encoding):
    inspection = inspect(put("größe,label\n1,ä\n2,b\n3,ä\n".encode(encoding)))
    assert inspection.columns[0].name == "größe"
    assert inspection.columns[1].top[0] == "ä"


def test_gzip_is_looked_into(put):
    inspection = inspect(put("a,label\n1,0\n2,1\n", "t.csv.gz"))
    assert (inspection.compression, inspection.rows_seen, inspection.complete) == ("gzip", 2, True)


def test_quoted_newlines_and_blank_lines_do_not_confuse(put):
    inspection = inspect(put('text,label\n"two\nlines",1\n\n"x, y",0\n'))
    assert inspection.rows == [["two\nlines", "1"], ["x, y", "0"]]


def test_only_the_beginning_of_a_large_object_is_read(put):
    inspection = inspect(put("a,b,label\n" + "".join(f"{i},{i * 2},{i % 2}\n" for i in range(200_000))))
    assert not inspection.complete
    assert 50_000 < inspection.rows_seen < 200_000
    assert inspection.task == "binary"


def test_a_prefix_is_all_its_objects_without_hidden_ones(put, bucket):
    put("a,label\n1,0\n2,1\n", "day/part-0.csv")
    put("a,label\n3,1\n", "day/part-1.csv")
    put("", "day/_SUCCESS")
    put("x", "day/.crc")
    inspection = inspect(f"s3://{bucket}/day/")
    assert (inspection.objects, inspection.complete) == (2, False)
    assert inspect(f"s3://{bucket}/day").objects == 2


def test_the_etag_changes_with_any_object(put, bucket):
    put("1,2\n", "d/a.csv")
    put("1,2\n", "d/b.csv")
    before = inspect(f"s3://{bucket}/d/").etag
    put("1,3\n", "d/b.csv")
    assert inspect(f"s3://{bucket}/d/").etag != before


def test_parquet_is_read_by_its_footer(put):
    out = io.BytesIO()
    pl.DataFrame({"x": [1.5, 2.5, None], "city": ["a", "b", "a"], "target": [0, 1, 1]}).write_parquet(out)
    text = inspect(put(out.getvalue(), "t.parquet"))
    assert (text.format, [c.type for c in text.columns]) == ("parquet", ["float", "binary", "binary"])
    assert text.columns[0].missing == 1
    assert text.rows[2] == ["", "a", "1"]


def test_libsvm_is_recognised(put):
    inspection = inspect(put("1 1:0.5 3:2\n0 2:1.25\n1 1:1\n"))
    assert (inspection.format, inspection.task, inspection.target_suggestion) == ("libsvm", "binary", "#1")


def test_a_column_that_can_help_nothing_is_named_with_its_reason(put):
    rows = "".join(f"person{i},{i},x,,{i % 3},{i % 2}\n" for i in range(40))
    inspection = inspect(put("name,id,same,empty,good,label\n" + rows))
    reasons = [column.leave_out for column in inspection.columns]
    assert "different in nearly every row" in reasons[0] and "numbers the rows" in reasons[1]
    assert "same value in every row" in reasons[2] and "empty" in reasons[3]
    assert reasons[4:] == ["", ""] and not any(column.problem for column in inspection.columns)


@pytest.mark.parametrize("name", ["count", "value", "raw", "c", "len", "literal"])
def test_a_column_may_be_called_like_one_of_ours(put, name):
    rows = "".join(f"{i % 5},a{i % 3},{i % 2}\n" for i in range(40))
    for header in (f"{name},b,label", f"a,{name},label", f"a,b,{name}"):
        assert inspect(put(f"{header}\n{rows}")).column(name).missing == 0


def test_amounts_of_money_and_shares_are_no_whole_numbers(put):
    rows = "".join(f"${50 + i}.{10 + i},{i}.5%,{i},{i % 2}\n" for i in range(40))
    columns = inspect(put(f"price,share,count,label\n{rows}")).columns
    assert [column.type for column in columns] == ["float", "float", "int", "binary"]


def test_one_wrong_cell_among_numbers_is_named_with_its_row(put):
    rows = [f"{i},{i % 2}" for i in range(60)]
    rows[17] = "12ab,1"
    assert "'12ab' in data row 18" in inspect(put("age,label\n" + "\n".join(rows))).columns[0].problem


def test_what_is_not_there_or_empty_is_named(put, bucket):
    assert "no bucket called nowhere-at-all" in says("s3://nowhere-at-all/x.csv")
    assert "no object's key starts with 'none/'" in says(f"s3://{bucket}/none/")
    assert "is empty (0 bytes)" in says(put("", "empty.csv"))
    assert "nothing below it. Add rows." in says(put("a,b,c\n", "header.csv"))  # to learn from, or to measure on
    assert "only blank lines" in says(put("\n\n", "blank.csv"))
    assert "is not an S3 address" in says("https://x/y")
    assert "Training data is required" in says("")


def test_what_cannot_be_read_is_named(put):
    assert "is not a readable Parquet file" in says(put(b"PAR1" + b"\0" * 100 + b"PAR1", "bad.parquet"))
    assert "is not a readable Parquet file" in says(put(b"not parquet at all", "worse.parquet"))
    assert "neither text nor Parquet" in says(put(b"\x50\x4b\x03\x04\0\0\0\0", "t.xlsx"))
    assert "not a readable gzip file" in says(put(b"\x1f\x8b" + b"rubbish" * 3, "t.bin"))


def test_an_unknown_target_is_the_targets_problem(put):
    with pytest.raises(Problem) as refused:
        inspect(put("a,b\n1,2\n3,4\n"), target="c")
    assert refused.value.field == "target"
    assert "Its columns are a, b" in refused.value.message


def test_tasks_are_suggested_with_a_reason(put):
    rows = range(80)
    assert inspect(put("a,y\n" + "".join(f"{i},{i % 3}\n" for i in rows))).task == "multiclass"
    assert inspect(put("a,y\n" + "".join(f"{i},{i * 1.5}\n" for i in rows))).task == "regression"
    assert inspect(put("a,y\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in rows))).task == "multiclass"
    lonely = inspect(put("a,y\n" + "".join(f"{i},1\n" for i in rows)))
    assert (lonely.task, lonely.task_reason) == ("", "The column has one value only, so there is nothing to learn.")


def test_without_names_a_label_may_stand_first_or_last(put):
    lengths = [f"{i * 1.25},{i * 0.5}" for i in range(40)]
    tables = (
        "".join(f"{i % 2},{row}\n" for i, row in enumerate(lengths)),
        "".join(f"{row},{i % 3}\n" for i, row in enumerate(lengths)),
        "".join(f"{row},{'yes' if i % 2 else 'no'}\n" for i, row in enumerate(lengths)),
        "".join(f"{row}\n" for row in lengths),
    )
    results = [inspect(put(table)) for table in tables]
    assert [(one.target_suggestion, one.task) for one in results] == [
        ("#1", "binary"),
        ("#3", "multiclass"),
        ("#3", "binary"),
        ("#1", "regression"),
    ]
    assert results[1].column("#3").role == "target" and results[1].profile.target == "#3"
