"""What lies beside tables or is none: READMEs, JSON documents, totals, folders that are columns, files sent back."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import preflight
from common.problems import Problem
from jobs.spec import JobSpec
from preflight.finding import Report
from tables import Folder, Recipe, RowEncoder, inspect, locate, prepare, scan
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

CASES = Folder(Path(__file__).parents[2] / "corpus")
ROWS = [[str(i), f"{i / 3:.2f}", str(i % 2)] for i in range(60)]
TABLE = "a,b,y\n" + "".join(",".join(row) + "\n" for row in ROWS)


def report(folder: Folder, uri: str, **how) -> Report:
    return preflight.run(JobSpec(data_uri=uri, recipe=Recipe(**{"target": "y"} | how)), folder)


def prepared(folder: Folder, uri: str, **how):
    recipe = Recipe(**{"target": "y", "validation": "none"} | how)
    return prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")


STRAYS = [
    "README.md",
    "README",
    "readme.txt",
    "LICENSE",
    "data.manifest",
    "manifest.json",
    "notes.pdf",
    "train.py",
    "a.log",
    "schema.yaml",
    "checksums.txt",
    "a.csv.md5",
    "analysis.ipynb",
]


@pytest.mark.parametrize("name", STRAYS)
def test_what_is_no_table_under_a_prefix_is_not_read_and_told(folder, keep, name):
    keep(TABLE, "d/part.csv")
    keep("Describes the data, which\nis made of rows.\n", f"d/{name}")
    uri = f"s3://{BUCKET}/d/"
    assert scan(locate(folder, uri)).rows == 60
    findings = report(folder, uri).of("location.stray")
    assert len(findings) == 1 and findings[0].level == "warn" and name in findings[0].text


def test_an_object_chosen_by_its_own_address_is_read_whatever_its_name(folder, keep):
    assert inspect(folder, keep(TABLE, "d/README.md")).rows_seen == 60


def test_json_files_alone_are_tables(folder, keep):
    for part in "ab":
        keep("".join(json.dumps({"a": i, "y": i % 2}) + "\n" for i in range(30)), f"d/{part}.json")
    assert scan(locate(folder, f"s3://{BUCKET}/d/")).rows == 60


def test_the_reported_readme_is_skipped():
    assert inspect(CASES, "s3://cases/I01-readme-in-prefix/d/").skipped == ("I01-readme-in-prefix/d/README.md",)


OBJECTS = [{"a": i, "y": i % 2} for i in range(30)]
DOCUMENTS = {
    "an array in one line": json.dumps(OBJECTS),
    "an array over lines": json.dumps(OBJECTS, indent=1),
    "an array with an object a line": "[\n" + ",\n".join(map(json.dumps, OBJECTS)) + "\n]\n",
    "arrays in lines": "".join(json.dumps([i, i % 2]) + "\n" for i in range(30)),
    "arrays of texts in lines": "".join(json.dumps([str(i), "red"]) + "\n" for i in range(30)),
    "one object over lines": json.dumps({"a": list(range(30)), "y": [0, 1] * 15}, indent=1),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_json_document_is_refused_with_what_to_write(folder, keep, name):
    with pytest.raises(Problem, match="Write JSON Lines"):
        inspect(folder, keep(DOCUMENTS[name], "t.json"))


@pytest.mark.parametrize("name", ["I02-json-array/t.json", "I02h-jsonl-lists/t.jsonl"])
def test_a_reported_json_document_is_refused(name):
    with pytest.raises(Problem, match="Write JSON Lines"):
        inspect(CASES, f"s3://cases/{name}")


TOTALS = [
    "Total",
    "TOTAL",
    "Grand Total",
    "Total:",
    "Subtotal",
    "Sub Total",
    "합계",
    "총계",
    "소계",
    "合計",
    "小計",
    "总计",
    "合计",
    "Gesamt",
    "Summe",
    "Somme",
    "Total général",
    "Totale",
    "Suma",
    "Razem",
    "Celkem",
    "Итого",
    "Всего",
    "Toplam",
    "Totaal",
    "Yhteensä",
    "Asia Total",
    "Összesen",
    "Totalt",
]


@pytest.mark.parametrize("word", TOTALS)
def test_a_total_below_the_table_is_told_with_its_row(folder, keep, word):
    rows = "".join(f"region {i % 7},{i},{i * 2}\n" for i in range(60))
    uri = keep(f"region,units,sales\n{rows}{word},1770,3540\n")
    findings = report(folder, uri, target="sales").of("rows.totals")
    assert len(findings) == 1 and (findings[0].row, findings[0].line, findings[0].value) == (61, 62, word)


def test_subtotals_within_the_table_are_told(folder, keep):
    rows = "".join(f"{('North', 'South', 'Subtotal')[i % 3]},{i},{i * 2}\n" for i in range(60))
    assert report(folder, keep(f"region,units,sales\n{rows}"), target="sales").of("rows.totals")


@pytest.mark.parametrize("word", ["Totally", "Sumatra", "North", "Total Raisin Bran", "totals.csv", "Summer"])
def test_other_words_are_no_totals(folder, keep, word):
    rows = "".join(f"region {i % 7},{i},{i * 2}\n" for i in range(60))
    assert not report(folder, keep(f"region,units,sales\n{rows}{word},5,10\n"), target="sales").of("rows.totals")


def test_the_reported_total_is_told():
    assert report(CASES, "s3://cases/I05-totals-row/t.csv", target="sales").of("rows.totals")[0].value == "Grand Total"


def test_folders_of_a_partitioned_table_are_columns(folder, keep):
    for year in (2023, 2024):
        for city in ("Köln", "São Paulo"):
            from urllib.parse import quote

            keep(TABLE, f"d/year={year}/city={quote(city)}/part.csv")
    table = inspect(folder, f"s3://{BUCKET}/d/")
    assert [column.name for column in table.columns] == ["a", "b", "y", "year", "city"]
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"), Recipe(target="y"))
    assert profile.rows == 240 and profile.column("year").values == {"2023": 120, "2024": 120}
    assert profile.column("city").values == {"Köln": 120, "São Paulo": 120}
    ready = prepared(folder, f"s3://{BUCKET}/d/")
    assert "year" in ready.schema["features"] and ready.counts["train"] == 240
    by_time = prepared(folder, f"s3://{BUCKET}/d/", validation="time", time_column="year")
    assert by_time.counts["validation"] == 120


def test_folders_of_partitioned_parquet_are_columns(folder):
    for day in ("2024-01-01", "2024-01-02", "__HIVE_DEFAULT_PARTITION__"):
        path = folder.root / BUCKET / f"d/day={day}"
        path.mkdir(parents=True)
        pl.DataFrame({"a": [1.5, 2.5] * 20, "y": [0, 1] * 20}).write_parquet(path / "p.parquet")
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"), Recipe(target="y"))
    assert profile.column("day").values == {"2024-01-01": 40, "2024-01-02": 40} and profile.column("day").missing == 40


def test_a_partition_that_the_files_have_too_is_read_from_them(folder, keep):
    for part in "ab":
        keep(TABLE.replace("a,b,y", "p,b,y"), f"d/p={part}/part.csv")
    assert [column.name for column in inspect(folder, f"s3://{BUCKET}/d/").columns] == ["p", "b", "y"]


def test_one_partition_alone_says_nothing(folder, keep):
    keep(TABLE, "d/p=1/part.csv")
    assert [column.name for column in inspect(folder, f"s3://{BUCKET}/d/").columns] == ["a", "b", "y"]


SENT_BACK = {
    "names twice": ("I03-same-file-inference-duplicate-names/t.csv", "bought"),
    "a name that is empty": ("I04-same-file-inference-empty-name/t.csv", "bought"),
    "names of rows without a name": ("B01-r-write-table-rownames/t.csv", "bought"),
    "numbers as names": ("C03-header-integers/t.csv", "3"),
}


@pytest.mark.parametrize("name", SENT_BACK)
def test_a_table_sent_back_with_its_names_is_encoded_as_it_was_prepared(folder, name):
    key, target = SENT_BACK[name]
    body = (CASES.root / "cases" / key).read_bytes()
    (folder.root / BUCKET / "t.csv").write_bytes(body)
    ready = prepared(folder, f"s3://{BUCKET}/t.csv", target=target)
    text = folder.fetch(BUCKET, next(folder.list_objects(BUCKET, "made/train/")).key, 0, 10**7).decode()
    wanted = [[float(cell or "nan") for cell in line.split(",")[1:]] for line in text.splitlines()]
    assert RowEncoder(ready.schema).read(body, "text/csv").tolist() == wanted


@pytest.mark.parametrize("position", ["in the last object", "in the second half", "in the second file"])
def test_a_key_that_is_seen_late_is_a_column(folder, keep, position):
    first = [{"a": i, "y": i % 2} for i in range(60_000)]
    late = [row | {"late": i} for i, row in enumerate(first[:3000])]
    if position == "in the last object":
        keep("".join(json.dumps(row) + "\n" for row in [*first, late[7]]), "d/a.jsonl")
    elif position == "in the second half":
        keep("".join(json.dumps(row) + "\n" for row in [*first, *late]), "d/a.jsonl")
    else:
        keep("".join(json.dumps(row) + "\n" for row in first), "d/a.jsonl")
        keep("".join(json.dumps(row) + "\n" for row in late), "d/b.jsonl")
    uri = f"s3://{BUCKET}/d/"
    assert [column.name for column in inspect(folder, uri).columns] == ["a", "y", "late"]
    assert scan(locate(folder, uri)).column("late").present == (1 if position == "in the last object" else 3000)
