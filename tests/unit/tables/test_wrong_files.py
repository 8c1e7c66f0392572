"""The ten commonest wrong files, each from inspection to data that an algorithm learns the right thing from."""

import csv
import io
import json

import pyarrow as pa
import pytest

from common.problems import Problem
from common.s3_uri import split_s3_uri
from tables import Folder, Recipe, inspect, locate, prepare
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

TREES = ALGORITHMS["trees"]
COUNT = 60


def plain(i: int) -> list[str]:
    return [str(i), str(i * 1.5), "ab"[i % 2]]


def as_csv(rows, delimiter=",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def rows_of(folder: Folder, uri: str) -> list[list[str]]:
    bucket, key = split_s3_uri(uri)
    bodies = [
        folder.fetch(bucket, o.key, 0, o.size) for o in folder.list_objects(bucket, key) if o.name.endswith(".csv")
    ]
    return [line.split(",") for line in b"".join(bodies).decode().splitlines()]


@pytest.fixture
def prepare_parts(folder, keep):
    def run(content, key="table.csv", algorithm=TREES, **fields):
        recipe = Recipe(**{"validation": "none"} | fields)
        ready = prepare(locate(folder, keep(content, key)), recipe, algorithm, f"s3://{BUCKET}/made")
        return ready, rows_of(folder, ready.channels[algorithm.data.train])

    return run


WANTED = [[str(i % 2), str(i), str(i * 1.5)] for i in range(COUNT)]
HEADER = ["a", "b", "y"]
TABLE = [plain(i) for i in range(COUNT)]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (as_csv([HEADER, *TABLE]), "header.csv"),
        (as_csv([HEADER, *TABLE], ";"), "semicolon.csv"),
        (as_csv([HEADER, *TABLE], "\t"), "tab.txt"),
        (as_csv([HEADER, *TABLE], "|"), "bar.csv"),
        (as_csv([HEADER, *TABLE]).replace("\n", "\r"), "carriage-returns.csv"),
        (as_csv([HEADER, *TABLE]).replace("\n", "\r\n"), "windows.csv"),
        (as_csv([HEADER, *TABLE]), "packed.csv.gz"),
        (as_csv([HEADER, *TABLE]).encode("utf-16"), "utf16.csv"),
        (as_csv([HEADER, *([a, b.replace(".", ","), y] for a, b, y in TABLE)], ";"), "comma.csv"),
        ("".join(f'{{"a": {a}, "b": {b}, "y": "{y}"}}\n' for a, b, y in TABLE), "lines.jsonl"),
        (as_csv([["y", "a", "b"], *([y, a, b] for a, b, y in TABLE)]), "label-first.csv"),
        (as_csv([HEADER, *TABLE]).replace("\n\n", "\n") + "\n\n", "blank.csv"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_a_header_the_label_last_as_text_and_any_writing_become_the_same_rows(prepare_parts, content, key):
    ready, rows = prepare_parts(content, key, target="y")
    assert [[row[0], row[1], str(float(row[2]))] for row in rows] == WANTED
    assert ready.schema["classes"] == ["a", "b"]
    assert ready.lineage["prepared"] and ready.lineage["rows"] == COUNT


@pytest.mark.parametrize("packer", ["bz2", "zstd"])
def test_other_packings_are_read(prepare_parts, packer):
    body, packed = as_csv([HEADER, *TABLE]).encode(), pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, packer) as stream:
        stream.write(body)
    packed = packed.getvalue().to_pybytes()
    assert [
        [row[0], row[1], str(float(row[2]))] for row in prepare_parts(packed, f"t.{packer}", target="y")[1]
    ] == WANTED


def refused(ask, *args, **more) -> Problem:
    with pytest.raises(Problem) as problem:
        ask(*args, **more)
    return problem.value


def test_an_empty_label_leaves_its_row_out_or_is_refused(prepare_parts):
    text = as_csv([HEADER, *TABLE, ["7", "8", ""]])
    ready, rows = prepare_parts(text)
    assert ready.dropped == 1 and len(rows) == COUNT and "1 row without a label left out." in ready.fixes
    problem = refused(prepare_parts, text, unlabelled="refuse")
    assert problem.field == "target" and f"The first is row {COUNT + 1}" in problem.message


@pytest.mark.parametrize(
    ("written", "style", "number"),
    [
        ("$3.50", "currency", 3.5),
        ("1.234,50 €", "currency", 1234.5),
        ("45%", "percent", 45),
        ("1,234", "thousands", 1234),
        ("3,14", "comma", 3.14),
        ("1.234,5", "comma", 1234.5),
        ("12kg", "unit", 12),
    ],
)
def test_numbers_written_for_people_are_refused_by_name_and_read_when_told_how(prepare_parts, written, style, number):
    text = as_csv([["price", "y"], *([str(i), i % 2] for i in range(40)), [written, 1]])
    problem = refused(prepare_parts, text)
    assert f"{written!r} in data row 41" in problem.message and "Column price" in problem.message
    ready, rows = prepare_parts(text, numbers={"price": style})
    assert float(rows[-1][1]) == number and float(rows[3][1]) == 3
    if style != "unit":
        assert ready.fixes[-1].startswith("Read as ")


def test_a_whole_column_of_money_is_no_category(prepare_parts):
    text = as_csv([["price", "y"], *([f"${i},{i:03d}", i % 2] for i in range(1, 40))])
    assert "amount of money" in refused(prepare_parts, text).message
    assert float(prepare_parts(text, numbers={"price": "currency"})[1][1][1]) == 2002


def test_odd_cells_are_read_as_missing_or_their_rows_left_out(prepare_parts):
    text = as_csv([HEADER, *TABLE, ["12ab", "1", "a"], ["5", "inf", "b"]])
    assert "'12ab' in data row 61" in refused(prepare_parts, text).message
    ready, rows = prepare_parts(text, bad_cells={"a": "missing", "b": "drop"})
    assert rows[-1] == ["0", "", "1"] and len(rows) == COUNT + 1 and ready.counts["bad"] == 1


def test_dates_become_numbers(prepare_parts):
    day = "2024-02-29 13:30"
    ready, rows = prepare_parts(as_csv([["when", "y"], *([day, i % 2] for i in range(30)), ["", 1]]))
    assert ready.schema["features"] == ["when.days", "when.year", "when.month", "when.weekday", "when.hour"]
    assert rows[0][1:] == ["19782", "2024", "2", "3", "13"] and rows[-1][1:] == [""] * 5
    german = as_csv([["when", "y"], *([f"{i % 28 + 1:02}.03.2024", i % 2] for i in range(30))])
    assert prepare_parts(german)[1][12][1:] == ["19795", "2024", "3", "2"]
    american = as_csv([["when", "y"], *([f"3/{i % 28 + 1}/2024", i % 2] for i in range(30))])
    assert prepare_parts(american)[1][12][1:] == ["19795", "2024", "3", "2"]


def test_ragged_rows_are_refused_by_line_or_left_out(prepare_parts):
    text = as_csv([HEADER, *TABLE, ["1", "2"], ["1", "2", "a", "4"], *TABLE])
    problem = refused(prepare_parts, text)
    assert "Row 61 of s3://local-tables/table.csv, line 62 has 2 cells instead of 3" in problem.message
    ready, rows = prepare_parts(text, ragged="drop")
    assert len(rows) == 2 * COUNT and ready.counts["ragged"] == 2


def test_a_header_in_the_second_file_only_or_in_both_is_no_row(folder, keep):
    body = as_csv(TABLE)
    for heads in ((HEADER, HEADER), (None, HEADER), (HEADER, None)):
        for index, head in enumerate(heads):
            keep((as_csv([head]) if head else "") + body, f"day/part-{index}.csv")
        target = "y" if heads[0] else "#3"
        recipe = Recipe(validation="none", target=target, types={})
        ready = prepare(locate(folder, f"s3://{BUCKET}/day/"), recipe, TREES, f"s3://{BUCKET}/made")
        assert ready.counts["train"] == 2 * COUNT
    keep(as_csv([["b", "a", "y"], *TABLE]), "day/part-1.csv")
    keep(as_csv([HEADER, *TABLE]), "day/part-0.csv")
    problem = refused(prepare, locate(folder, f"s3://{BUCKET}/day/"), Recipe(), TREES, f"s3://{BUCKET}/made")
    assert "part-1.csv has other columns (b, a, y" in problem.message


def test_repeated_rows_are_left_out_when_asked(prepare_parts):
    text = as_csv([HEADER, *TABLE, *TABLE[:7]])
    assert len(prepare_parts(text)[1]) == COUNT + 7
    ready, rows = prepare_parts(text, duplicates="drop")
    assert (
        len(rows) == COUNT
        and ready.counts["duplicates"] == 7
        and "7 rows that equal an earlier one left out." in ready.fixes
    )


def test_the_latest_rows_are_held_out(folder, keep):
    text = as_csv([["when", "x", "y"], *([f"2024-01-{(i * 7) % 30 + 1:02}", i, i % 2] for i in range(90))])
    recipe = Recipe(validation="time", time_column="when", validation_share=0.2)
    ready = prepare(locate(folder, keep(text)), recipe, TREES, f"s3://{BUCKET}/made")
    train, held = (rows_of(folder, ready.channels[name]) for name in ("train", "validation"))
    assert max(int(row[1]) for row in train) < min(int(row[1]) for row in held)
    assert (len(train), len(held)) == (72, 18)
    problem = refused(
        prepare, locate(folder, keep(text)), Recipe(validation="time", time_column="z"), TREES, "s3://x/y"
    )
    assert problem.field == "recipe.time_column"


def test_a_second_location_is_held_out_with_columns_found_by_name(folder, keep):
    train = keep(as_csv([HEADER, *TABLE]))
    second = keep(as_csv([["y", "extra", "b", "a"], ["b", "x", "1", "2"], ["a", "x", "3", ""]], ";"), "held.csv")
    recipe = Recipe(validation="location", validation_uri=second, target="y")
    ready = prepare(locate(folder, train), recipe, TREES, f"s3://{BUCKET}/made")
    assert rows_of(folder, ready.channels["validation"]) == [["1", "2", "1"], ["0", "", "3"]]
    assert ready.counts["train"] == COUNT
    keep(as_csv([["y", "a"], ["b", "1"], ["a", "2"]]), "held.csv")
    problem = refused(prepare, locate(folder, train), recipe, TREES, f"s3://{BUCKET}/made")
    assert problem.field == "recipe.validation_uri" and "lacks column b" in problem.message
    keep(as_csv([HEADER, ["$1", " 2 ", "a"]]), "held.csv")
    problem = refused(prepare, locate(folder, train), recipe, TREES, f"s3://{BUCKET}/made")
    assert "Column a holds numbers, except '$1' in s3://local-tables/held.csv" in problem.message
    keep(as_csv([HEADER, ["1", "2", "c"], ["1", "2", "a"]]), "held.csv")
    assert "the label 'c'" in refused(prepare, locate(folder, train), recipe, TREES, f"s3://{BUCKET}/made").message


def test_categories_go_as_codes_with_their_places_beside_every_part(folder, keep):
    text = as_csv([["city", "n", "y"], *([f"c{i % 4}", i, i % 2] for i in range(40)), ["", 1, 1]])
    ready = prepare(locate(folder, keep(text)), Recipe(), ALGORITHMS["native"], f"s3://{BUCKET}/made")
    for channel in ("train", "validation"):
        document = json.loads(folder.fetch(BUCKET, f"made/{channel}/categorical_index.json", 0, 1000))
        assert document == {"cat_index_list": [1]}
        assert {row[1] for row in rows_of(folder, ready.channels[channel])} <= {"0", "1", "2", "3", "4"}
    assert ready.schema["categorical"] == [0]


def test_the_file_exactly_as_it_is_goes_to_the_algorithm_when_a_person_says_so(prepare_parts, folder, keep):
    uri = keep(as_csv(TABLE), "raw.csv")
    ready = prepare(locate(folder, uri), Recipe(prepare=False, types={"#1": "category"}), TREES, f"s3://{BUCKET}/made")
    assert (
        ready.channels == {"train": uri} and ready.schema["features"] == ["#2", "#3"] and not ready.lineage["prepared"]
    )


def test_what_an_unsupervised_algorithm_learns_has_no_label(prepare_parts):
    ready, rows = prepare_parts("".join(f"{i},{i * 1000}\n" for i in range(50)), algorithm=ALGORITHMS["clusters"])
    assert ready.schema["target"] == "" and len(rows[0]) == 2
    assert abs(sum(float(row[1]) for row in rows)) < 1e-9  # standardised


def test_an_inspection_survives_a_broken_beginning_and_says_what_is_wrong(folder, keep):
    inspection = inspect(folder, keep("a,b,y\n1,2,0\n4,5\n" + as_csv([[i, i, i % 2] for i in range(30)])))
    assert inspection.rows[0] == ["1", "2", "0"] and inspection.profile.ragged[0].line == 3
