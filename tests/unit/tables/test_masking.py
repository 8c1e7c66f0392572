"""Masked columns: gone from every body that is read as rows, and every other body is masked as a whole."""

import json

import pytest

from common import capture_tags
from tables.masking import MASK, Mask

SCHEMA = {
    "columns": [
        {"name": "age", "role": "feature", "features": ["age"]},
        {"name": "city", "role": "feature", "features": ["city=rome", "city=oslo"]},
        {"name": "plan", "role": "feature", "features": ["plan=a", "plan=b", "plan=c"]},
        {"name": "id", "role": "ignored"},
        {"name": "churned", "role": "target"},
    ],
    "features": ["age", "city=rome", "city=oslo", "plan=a", "plan=b", "plan=c"],
}
MASKED = Mask.of_schema(SCHEMA, ["city"])


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ("age,city,plan\n31,rome,a\n32,oslo,b\n", "age,city,plan\n31,***,a\n32,***,b\n"),
        (" city ,plan,age\nrome,a,31", " city ,plan,age\n***,a,31"),
        ("31,rome,a\n", "31,***,a\n"),
        ("31,1,0,0,1,0\n", "31,***,***,0,1,0\n"),
        ("31,rome,a,7,no\n", "31,***,a,7,no\n"),
        ("31,city,a\n30,rome,b\n", "31,***,a\n30,***,b\n"),
        ("1,2\n", "***,***\n"),
        ("city,plan,age\n0,rome,a,31\n", "city,plan,age\n***,***,a,31\n"),
        ('31,"ro\nme","a,b"\n', '31,***,"a,b"\n'),
    ],
    ids=["header", "order", "columns", "encoded", "table", "value like a name", "width", "index", "quotes"],
)
def test_a_column_is_masked_in_csv_however_its_rows_are_written(body, masked):
    assert MASKED.request(body.encode(), "text/csv; charset=utf-8").decode() == masked


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ({"instances": [{"age": 31, "city": "rome"}]}, {"instances": [{"age": 31, "city": MASK}]}),
        ([{" city": {"a": 1}, "age": 1}], [{" city": MASK, "age": 1}]),
        ({"instances": [{"features": [31, 1, 0, 0, 1, 0]}]}, {"instances": [{"features": [31, MASK, MASK, 0, 1, 0]}]}),
        ([[31, "rome", "a"]], [[31, MASK, "a"]]),
        ({"data": {"keys": [1, 2], "values": [0.5, 2]}}, {"data": {"keys": [MASK] * 2, "values": [MASK] * 2}}),
    ],
    ids=["by name", "one of a list", "features", "positions", "sparse"],
)
def test_a_column_is_masked_in_json(body, masked):
    assert json.loads(MASKED.request(json.dumps(body).encode(), "application/json")) == masked
    lines = MASKED.request(f"{json.dumps(body)}\n".encode() * 2, "application/jsonlines").splitlines()
    assert [json.loads(line) for line in lines] == [masked] * 2


@pytest.mark.parametrize("body, kind", [
    (b"31,rome,a", ""), (b"31 1:rome", "text/libsvm"), (b"{", "application/json"), (b"\xff\xfe", "text/csv"),
    (b"[" * 100_000, "application/json"),
])  # fmt: skip
def test_what_is_not_read_as_rows_is_masked_as_a_whole(body, kind):
    assert MASKED.request(body, kind) == MASK.encode()


@pytest.mark.parametrize(
    ("columns", "chosen", "body", "row"),
    [
        (["x", "x_2", "na,me"], ["x_2"], '"na,me",x,x\n31,1,9\n', "31,***,***"),
        (["x", '나이, "만"'], ['나이, "만"'], '"나이, ""만""",x\n31,1\n', "***,1"),
        (["#1", "x", "y"], ["#1", "y"], "x,y\n7,1,9\n", "***,***,***"),
    ],
    ids=["a name that is there twice", "a comma and quotes", "names of rows"],
)
def test_columns_are_masked_under_the_names_that_reading_gives_them(columns, chosen, body, row):
    schema = {"columns": [{"name": name, "role": "feature"} for name in columns], "features": []}
    masked = Mask.of_schema(schema, chosen).request(body.encode(), "text/csv").decode()
    assert masked.splitlines()[1] == row


def test_a_row_that_only_looks_like_names_is_masked_too():
    schema = {"columns": [{"name": name, "role": "feature"} for name in ("#1", "city")], "features": []}
    assert Mask.of_schema(schema, ["#1", "city"]).request(b",rome\n", "text/csv") == b"***,***\n"


@pytest.mark.parametrize("kind", ["application/json", "application/jsonlines"])
def test_a_bare_value_is_masked_as_a_whole(kind):
    assert json.loads(MASKED.request(b'"31,rome,a"', kind)) == MASK


def test_reasons_do_not_repeat_what_is_masked_and_other_answers_stay_as_they_are():
    reasons = [{"column": "city", "value": "rome", "effect": 0.2}, {"column": "age", "value": 31, "effect": 0.1}]
    answer = json.dumps({"predictions": [{"label": "no", "reasons": reasons}]}).encode()
    masked = json.loads(MASKED.answer(answer, "application/json"))["predictions"][0]
    assert masked == {"label": "no", "reasons": [reasons[0] | {"value": MASK}, reasons[1]]}
    assert MASKED.answer(b"0.25,0.75\n", "text/csv") == b"0.25,0.75\n"


def test_a_mask_travels_in_tags_and_nothing_else_is_read_as_one():
    wide = {"columns": [{"name": f"column {n}", "role": "feature"} for n in range(300)], "features": []}
    mask = Mask.of_schema(wide, [f"column {n}" for n in range(0, 300, 2)])
    tags = capture_tags.to_tags(mask.encode())
    assert Mask.decode(capture_tags.of_tags(tags | {"sagewright:owner": "lee"})) == mask
    assert all(len(value) <= 256 for value in tags.values()) and len(tags) > 1
    for text in ("", "AAAA", "bm8", MASKED.encode()[:-8]):
        with pytest.raises(ValueError, match="no mask"):
            Mask.decode(text)
    with pytest.raises(ValueError, match="at most"):
        capture_tags.to_tags("x" * 6000)
