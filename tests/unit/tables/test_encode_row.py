"""The crucial promise: a row sent to an endpoint by column name becomes the numbers that preparing made of it."""

import csv
import io
import json
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from algorithms.formats import request_bodies
from algorithms.formats.recordio import Sparse, read_table
from common.problems import Problem
from common.s3_uri import split_s3_uri
from tables import Folder, Recipe, RowEncoder, locate, prepare
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS, RECORDIO

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-(10**6), 10**6),
    st.sampled_from(["NA", "", "unknown", "..", "없음"]),
)
NAMES = ["n", "price", "share", "flag", "colour", "city", "person", "when", "y"]
HEAD = ",".join(NAMES)


def dense(x: np.ndarray | Sparse) -> np.ndarray:
    """Features that were read from records, whether the records were sparse or not."""
    if isinstance(x, np.ndarray):
        return x
    return csr_matrix((x.values, x.columns, x.starts), shape=(len(x.starts) - 1, x.width)).toarray()


def _written(folder: Folder, uri: str, content_type: str, labelled: bool) -> np.ndarray:
    """The features of every row of a channel, in order."""
    bucket, key = split_s3_uri(uri)
    created = []
    for o in folder.list_objects(bucket, key):
        if o.name.endswith(".json"):
            continue
        body = folder.fetch(bucket, o.key, 0, o.size)
        if content_type == RECORDIO:
            created.append(dense(read_table(body)[0]).astype(float))
        else:
            rows = [line.split(",")[int(labelled) :] for line in body.decode().splitlines()]
            created.append(np.array([[float(cell) if cell else np.nan for cell in row] for row in rows]))
    return np.concatenate(created)


@st.composite
def tables(draw):
    count = draw(st.integers(8, 40))
    cities = draw(st.integers(1, 30))
    rows = []
    for i in range(count):
        rows.append(
            [
                str(draw(NUMBERS)),
                draw(
                    st.sampled_from(
                        [
                            "",
                            f"${i},{i % 900 + 100}",
                            f"${i}",
                            f"{i}.5 USD",
                            "€7",
                            f"($1,{i + 100})",
                            f"${i}.5K",
                            "R$ 1.234,50",
                            "--",
                            "３,500원",
                            "Rs. 1,10,100",
                        ]
                    )
                ),
                draw(st.sampled_from(["NA", f"{i}%", f"{i}.5 %", "12,5%"])),
                draw(st.sampled_from(["yes", "No", "TRUE", "f", "?"])),
                draw(st.sampled_from(["red", "blue ", " green", "", "the “odd”, one"])),
                f"city {i % cities}" if draw(st.booleans()) else f"city {i % cities}" * (i % 5 > 0),
                f"person {i} {draw(st.text('aé한🙂', max_size=3))}",
                draw(
                    st.sampled_from(
                        [
                            "Jan 5, 2023 3:05 PM",
                            "2024.01.15",
                            "5-Jan-23",
                            "2024년 1월 15일",
                            "0000-00-00",
                            "2024Q3",
                            "2024-02-29",
                            "1969-12-31 23:59:59",
                            "",
                            "2024-03-10T01:30+09:00",
                            "1600-01-01",
                        ]
                    )
                ),
                "ab"[i % 2],
            ]
        )
    return rows


few = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))  # of each kind


@pytest.mark.parametrize("name", ALGORITHMS)
@few
@given(rows=tables())
def test_a_row_by_name_becomes_what_preparing_made_of_it(folder, keep, name, rows):
    _check_rows_by_name(folder, keep, name, rows)


@pytest.mark.long
@pytest.mark.parametrize("name", ALGORITHMS)
@settings(few, max_examples=60)
@given(rows=tables())
def test_rows_of_many_tables_become_what_preparing_made_of_them(folder, keep, name, rows):
    _check_rows_by_name(folder, keep, name, rows)


def _check_rows_by_name(folder, keep, name: str, rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([NAMES, *rows])
    recipe = Recipe(
        target="y",
        validation="none",
        numbers={"price": "currency", "share": "percent"},
        types={"flag": "boolean", "colour": "category", "city": "category", "person": "text", "when": "datetime"},
        has_header=True,
        delimiter=",",
    )
    algorithm = ALGORITHMS[name]
    # A folder for each table: with fewer texts it may be of another content type.
    ready = prepare(locate(folder, keep(out.getvalue())), recipe, algorithm, f"s3://{BUCKET}/{uuid4()}")
    wrote = _written(folder, ready.channels[algorithm.data.train], ready.content_type, algorithm.data.label)
    by_name = [dict(zip(NAMES, row, strict=True)) for row in rows]
    schema = json.loads(json.dumps(ready.schema))
    encoded = RowEncoder(schema).encode(by_name)
    assert encoded.shape == (len(rows), len(schema["features"]))
    as_stored = encoded.astype(np.float32) if ready.content_type == RECORDIO else encoded
    np.testing.assert_array_equal(as_stored, wrote)
    # The same rows as CSV with a header, as JSON text, and through the line that an endpoint on AWS would be sent.
    np.testing.assert_array_equal(RowEncoder(schema).read(out.getvalue().encode(), "text/csv"), encoded)
    np.testing.assert_array_equal(RowEncoder(schema).read(json.dumps({"instances": by_name}).encode()), encoded)
    again = RowEncoder(schema).read(RowEncoder(schema).as_csv(encoded), "text/csv")
    np.testing.assert_array_equal(again, encoded)
    # What a predictor reads of the CSV, to the last digit: rows by name may enter it as a matrix.
    parsed = request_bodies.csv_rows(RowEncoder(schema).as_csv(encoded), encoded.shape[1])
    np.testing.assert_array_equal(parsed, encoded.astype(parsed.dtype))
    if algorithm.data.missing == "filled":
        assert not np.isnan(encoded).any()
    if schema["categorical"]:
        codes = encoded[:, schema["categorical"]]
        assert (codes >= 0).all() and (codes == codes.round()).all()


@pytest.fixture
def rows(folder, keep) -> RowEncoder:
    lines = ["id,age,colour,old,y"] + [
        f"i{i},{i},{'red' if i % 2 else 'blue'},{'yes' if i % 3 else 'no'},{i % 2}" for i in range(60)
    ]
    recipe = Recipe(target="y", excluded=["id"])
    return RowEncoder(
        prepare(locate(folder, keep("\n".join(lines))), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/m").schema
    )


def refused(ask, *args) -> Problem:
    with pytest.raises(Problem) as problem:
        ask(*args)
    return problem.value


def test_rows_are_taken_by_name_and_by_position(rows):
    wanted = [[7, 0, 1, 1]]
    assert rows.features == ["age", "colour=blue", "colour=red", "old"]
    for body in (
        b'{"age": 7, "colour": "red", "old": true}',
        b'[{"age": "7", "colour": "red", "old": "Yes"}]',
        b'{"instances": [{"old": 1, "age": 7.0, "colour": "red", "y": 0, "id": null}]}',
        b'{"instances": [{"features": [7, "red", true]}]}',
        b"[[7, 0, 1, 1]]",
    ):
        assert rows.read(body).tolist() == wanted
    assert rows.read(b'{" age": 7, "colour ": "red", "old": true}').tolist() == wanted  # as in a table's header
    assert rows.read(b'{"age": 7, "colour": "green", "old": true}').tolist() == [[7, 0, 0, 1]]  # as other
    assert rows.read(b'{"age": 7, "colour": "red", "old": "t"}\n', "application/jsonlines").tolist() == wanted
    for body in (
        b"old,colour,age\nyes,red,7\n",
        b"7,red,yes\n",
        b"i9,7,red,yes,0\n",
        b"7,0,1,1\n",
        b"\xef\xbb\xbfage,colour,old\r\n7,red,y\r\n",
    ):
        assert rows.read(body, "text/csv").tolist() == wanted
    assert rows.as_csv(rows.read(b'{"age": null, "colour": "red", "old": null}')) == b",0,1,\n"


def test_what_is_wrong_with_a_row_is_said_by_column(rows):
    unknown = refused(rows.read, b'{"agee": 7, "colour": "red", "old": true}')
    assert unknown.field == "agee" and unknown.message == "There is no column 'agee'. The model takes age, colour, old."
    twice = refused(rows.read, b'{"age": 7, " age ": 8, "colour": "red", "old": true}')
    assert twice.field == "age" and twice.message.startswith("Column age is there twice")
    missing = refused(rows.read, b'[{"age": 7, "old": true}]')
    assert missing.field == "colour" and "Column colour is missing in row 1" in missing.message
    assert refused(rows.read, b"age,age,colour,old\n1,2,red,yes\n", "text/csv").message.startswith(
        "Column age is there twice"
    )
    assert refused(rows.read, b"age,colour\n1,red\n", "text/csv").field == "old"
    assert refused(rows.read, b"age,color,old\n1,red,yes\n", "text/csv").field == "color"
    wide = refused(rows.read, b"1,2\n", "text/csv").message
    assert wide == "A row has 2 values. The model takes age, colour, old: 3 values, or the 4 numbers they become."
    assert refused(rows.read, b'{"age": "7x", "colour": "red", "old": true}').field == "age"
    assert refused(rows.read, b'{"age": 7, "colour": "red", "old": "perhaps"}').field == "old"
    assert "no plain value" in refused(rows.read, b'{"age": [7], "colour": "red", "old": true}').message
    assert "is not application/json" in refused(rows.read, b"{").message
    assert "is not application/json" in refused(rows.read, b"[" * 100_000).message
    assert (
        "is not text/csv" in refused(rows.read, b"age,colour,old\n7,red," + b"y" * 200_000 + b"\n", "text/csv").message
    )
    assert refused(rows.read, b'{"age": 1e999, "colour": "red", "old": true}').field == "age"


def test_an_earlier_schema_still_encodes():
    columns = [
        {"name": "c", "type": "category", "role": "feature", "kind": "category", "values": ["a", "b"]},
        {"name": "o", "type": "binary", "role": "feature", "kind": "boolean"},
        {"name": "x", "type": "float", "role": "feature", "kind": "number"},
        {"name": "y", "type": "float", "role": "target", "kind": "number", "classes": ["0", "1"]},
    ]
    rows = RowEncoder({"columns": columns, "features": ["c=a", "c=b", "o", "x"], "classes": ["0", "1"]})
    assert rows.encode([{"c": "b", "o": "yes", "x": "3"}]).tolist() == [[0, 1, 1, 3]]


def test_a_text_of_very_many_values_is_hashed_into_a_sparse_record(folder, keep):
    lines = ["user,item,rating"] + [f"u{i % 1300},{i % 7},{i % 5}" for i in range(4000)]
    recipe = Recipe(target="rating", types={"user": "category", "item": "category"}, validation="none")
    ready = prepare(
        locate(folder, keep("\n".join(lines))), recipe, ALGORITHMS["machines"], f"s3://{BUCKET}/m",
        hyperparameters={"predictor_type": "regressor"},
    )  # fmt: skip
    user, item = ready.schema["columns"][:2]
    assert (user["encoding"], item["encoding"]) == ("slots", "index")
    assert user["slots"] >= 8 * 1300 and len(ready.schema["features"]) == ready.facts.features == user["slots"] + 7
    assert ready.facts.entries == 2
    written = _written(folder, ready.channels["train"], RECORDIO, True)
    assert (written.sum(axis=1) == 2).all()
    rows = [dict(zip(("user", "item"), line.split(","), strict=False)) for line in lines[1:200]]
    np.testing.assert_array_equal(RowEncoder(ready.schema).encode(rows), written[:199])
    unknown = RowEncoder(ready.schema).encode([{"user": None, "item": "9"}])
    assert not unknown.any()
