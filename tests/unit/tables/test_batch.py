"""Batch predictions: every row of a table as a record, and every answer beside its row."""

import csv
import io

import pytest

from common.problems import Problem
from tables.batch_result import answers_of, write_result
from tables.batch_rows import CSV, JSON_LINES, write_batch_rows
from tables.inspector import inspect
from tables.isolated import WholeTableReaders
from tables.objects import locate
from tables.recipe import Recipe
from tables.store import Folder

SCHEMA = {
    "columns": [
        {"name": "age", "kind": "number", "role": "feature"},
        {"name": "plan", "kind": "text", "role": "feature", "values": ["basic", "pro"], "encoding": "one-hot"},
        {"name": "left", "kind": "boolean", "role": "target", "values": ["no", "yes"]},
    ],
    "features": ["age", "plan=basic", "plan=pro"],
    "target": "left",
    "classes": ["no", "yes"],
    "algorithm": "xgboost",
    "unseen": "refuse",
}
TABLE = "id,plan,age\nA,basic,31\nB,gold,5\nC,pro,\n"


@pytest.fixture
def encode(tmp_path):
    """Encodes a table and returns (lines, file of rows, counts)."""

    def run(text: str, form: str = CSV, schema: dict = SCHEMA, **names: str):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "t.csv").write_text(text)
        store, uri = Folder(tmp_path), "s3://data/t.csv"
        source, lines, raw = locate(store, uri), tmp_path / "lines", tmp_path / "raw"
        inspection = inspect(store, uri, supervised=False)
        counts = write_batch_rows(source, inspection, schema, names, form, lines, raw, lambda _done: None)
        return lines.read_bytes().decode().splitlines(), raw, counts

    return run


def read(raw, answers: list[bytes], content_type: str = CSV, schema: dict = SCHEMA, has_problems: bool = True):
    out = io.BytesIO()
    summary = write_result(raw, ["id", "plan", "age"], answers_of(schema, answers, content_type), out, has_problems)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode()))), summary


def test_a_row_that_cannot_be_read_is_not_sent_and_says_why(encode):
    lines, _raw, counts = encode(TABLE)
    assert lines == ["31,1,0", ",0,1"]
    assert (counts.rows, counts.sent) == (3, 2)
    assert "row 2" in counts.why
    assert "gold" in counts.why


def test_an_algorithm_without_csv_gets_json_lines(encode):
    lines, _raw, _counts = encode(TABLE, JSON_LINES)
    assert lines == ['{"features": [31.0, 1.0, 0.0]}', '{"features": [null, 0.0, 1.0]}']


def test_a_process_of_its_own_reads_the_table_and_writes_the_result(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text(TABLE)
    store, folder, observed = Folder(tmp_path), "s3://data/job", []

    def progress(done: int, total: int) -> None:
        observed.append(done)

    readers = WholeTableReaders(1024**3)
    try:
        with readers.start() as process:

            def call(function: str, *args):
                uri = "s3://data/t.csv"
                return process.call(
                    store,
                    uri,
                    function,
                    (*args, progress),
                    reads=(uri, "s3://data/out", f"{folder}/rows.parquet"),
                    writable=folder,
                    progress=progress,
                    check=lambda: None,
                )

            prepare, collect = "tables.batch_rows:prepare_batch", "tables.batch_result:collect_batch"
            counts = call(prepare, locate(store, "s3://data/t.csv"), Recipe(), SCHEMA, {}, CSV, folder)
            assert (counts.rows, counts.sent, counts.columns) == (3, 2, ("id", "plan", "age"))
            (tmp_path / "data" / "out").write_text("0.75\n0.25\n")
            own = (f"{folder}/rows.parquet", folder, "s3://data/out", SCHEMA, counts.columns, CSV, True)
            assert call(collect, store, *own).answered == 2
            with pytest.raises(Problem, match="there are more answers than rows"):
                (tmp_path / "data" / "out").write_text("0.75\n" * 3)
                call(collect, store, *own)
    finally:
        readers.close()
    result = (tmp_path / "data" / "job" / "predictions.csv").read_text()
    assert result.splitlines()[1].startswith("A,basic,31,yes,0.75")
    assert observed


def test_a_renamed_column_is_read_under_its_other_name(encode):
    lines, _raw, _counts = encode(TABLE.replace("age", "years"), age="years")
    assert lines[0] == "31,1,0"


def test_a_table_that_lost_a_column_is_refused_by_the_name_that_was_chosen_for_it(encode):
    with pytest.raises(Problem, match="no column 'years' in s3://data/t.csv. Its columns are id, plan, age"):
        encode(TABLE, age="years")


def test_a_row_without_any_value_is_kept_back_because_a_blank_line_is_no_record(encode):
    schema = SCHEMA | {"columns": [SCHEMA["columns"][0]], "features": ["age"]}
    lines, _raw, counts = encode(TABLE, schema=schema)
    assert lines == ["31", "5"]
    assert (counts.rows, counts.sent, counts.why) == (3, 2, "The row is empty.")


def test_a_table_of_which_no_row_can_be_read_is_refused_with_the_first_reason(encode):
    with pytest.raises(Problem, match="No row can be read as the model takes it.*gold"):
        encode("plan,age\ngold,1\ngold,2\n")


def test_answers_stand_beside_their_rows(encode):
    _lines, raw, _counts = encode(TABLE)
    rows, summary = read(raw, [b"0.75\n", b"0.25\n"])
    assert [row["id"] for row in rows] == ["A", "B", "C"]
    assert [row["prediction"] for row in rows] == ["yes", "", "no"]
    assert [row["probability"] for row in rows] == ["0.75", "", "0.75"]
    assert rows[2]["probability.yes"] == "0.25"
    assert "gold" in rows[1]["problem"]
    assert (summary.rows, summary.answered) == (3, 2)
    assert sorted(summary.counts) == [("no", 1), ("yes", 1)]
    assert summary.head[:2] == ["prediction", "probability"]
    assert [number for number, _why in summary.reasons] == [2]
    assert [bool(why) for why in summary.not_read] == [False, True, False]


@pytest.mark.parametrize(
    ("lines", "content_type"),
    [
        ([b'{"predictions": [{"score": 0.75}, {"score": 0.25}]}\n'], "application/json"),
        ([b'{"score": 0.75}\n', b'{"score": 0.25}\n'], "application/jsonlines"),
    ],
    ids=["json", "json-lines"],
)
def test_answers_are_read_in_every_form(encode, lines, content_type):
    _lines, raw, _counts = encode(TABLE)
    rows, _summary = read(raw, lines, content_type)
    assert [row["prediction"] for row in rows] == ["yes", "", "no"]


def test_probabilities_that_xgboost_writes_as_a_list_are_read():
    schema = SCHEMA | {"classes": ["a", "b", "c"]}
    (answer,) = answers_of(schema, [b"[0.25, 0.5, 0.25]\n"], CSV)
    assert (answer.label, answer.probability) == ("b", 0.5)


def test_numbers_are_summed_up_by_their_range(encode):
    _lines, raw, _counts = encode(TABLE)
    _rows, summary = read(raw, [b"1.5\n", b"2.5\n"], schema=SCHEMA | {"classes": []})
    assert (summary.low, summary.mean, summary.high, summary.counts) == (1.5, 2.0, 2.5, [])


@pytest.mark.parametrize("answers", [[b"0.5\n"], [b"0.5\n"] * 3], ids=["fewer", "more"])
def test_another_number_of_answers_is_never_put_beside_rows(encode, answers):
    _lines, raw, _counts = encode(TABLE)
    with pytest.raises(ValueError, match="answers than rows"):
        read(raw, answers)
