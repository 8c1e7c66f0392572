"""A category that the training data did not have: encoded as other, counted by column, or refused by name."""

import json

import numpy as np
import pytest

from common.problems import Problem
from tables import Folder, Recipe, RowEncoder, locate, prepare
from tables.unseen import MAX_HEADER, UnseenCategories, parse_header
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS
from tests.unit.tables.test_encode_row import _written as written


def column(name: str = "city", encoding: str = "one-hot", **more) -> dict:
    return {"name": name, "role": "feature", "kind": "category", "encoding": encoding} | more


ENCODINGS = {
    "one-hot": (column(values=["a", "other"], features=["city=a", "city=other"]), [0, 0]),
    "index": (column(encoding="index", values=["a", "other"], features=["city=a", "city=other"]), [0, 0]),
    "rank": (column(encoding="rank", known=["a", "other"], features=["city"]), [2]),
    "code": (column(encoding="code", values=["a", "other"], features=["city"]), [2]),
    "known code": (column(encoding="code", known=["a", "other"], features=["city"]), [2]),
    "target": (
        column(encoding="target", known=["a", "other"], means=[[0.2], [0.8]], other=[0.5], missing=[0.4],
               features=["city~mean"]),
        [0.5],
    ),
}  # fmt: skip


def encoder(*columns: dict, **more) -> RowEncoder:
    features = [name for c in columns for name in c["features"]]
    return RowEncoder({"columns": list(columns), "features": features} | more)


@pytest.mark.parametrize("name", ENCODINGS)
def test_it_is_encoded_as_other_and_counted(name):
    described, other = ENCODINGS[name]
    unseen = UnseenCategories()
    encoded = encoder(described).encode([{"city": "Atlantis"}, {"city": " a "}, {"city": "other"}], unseen=unseen)
    assert encoded[0].tolist() == other
    assert encoded[1].tolist() != other and encoded[2].tolist() != other  # "other" is a category as any
    assert (unseen.counts, unseen.examples) == ({"city": 1}, {"city": ["Atlantis"]})
    np.testing.assert_array_equal(encoder(described).encode([{"city": "Atlantis"}]), [other])


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_strict_schema_refuses_it_by_column_and_value(name):
    strict = encoder(ENCODINGS[name][0], unseen="refuse")
    with pytest.raises(Problem, match="city is 'Atlantis', which the training data did not have") as refused:
        strict.encode([{"city": "a"}, {"city": "Atlantis"}])
    assert refused.value.field == "city" and "one of a, other." in refused.value.message
    assert strict.encode([{"city": None}, {"city": ""}, {"city": "NA"}]).shape[0] == 3  # missing is not unseen


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"instances": [{"city": "Atlantis"}, {"city": null}]}', "application/json"),
        (b'[["Atlantis"], ["a"]]', "application/json"),
        (b'{"city": "Atlantis"}\n{"city": "a"}', "application/jsonlines"),
        (b"city\nAtlantis\na\n", "text/csv"),
        (b"Atlantis\na\n", "text/csv"),
    ],
)
def test_every_form_of_a_body_is_counted(body, content_type):
    unseen = UnseenCategories()
    encoder(ENCODINGS["code"][0]).read(body, content_type, unseen)
    assert unseen.counts == {"city": 1}


@pytest.mark.parametrize(
    ("sent", "counts"),
    [
        (1, {}), (1.0, {}), (2, {}), (2.0, {}), ("1", {"zone": 1}), ("1.0", {}), ("2", {}), (7, {"zone": 1}),
        ("07", {}), (1e999, {"zone": 1}), (True, {"zone": 1}), (None, {}), (float("nan"), {}), ("", {}),
    ],
)  # fmt: skip
def test_a_number_in_json_is_the_category_that_is_written_like_it(sent, counts):
    zone = column("zone", values=["1.0", "2", "07"], features=["z1", "z2", "z7"])
    unseen = UnseenCategories()
    encoder(zone).encode([{"zone": sent}], unseen=unseen)
    assert unseen.counts == counts


def test_hashes_numbers_and_dates_have_no_list_of_categories():
    described = [
        column("bits", "bits", features=[f"b{n}" for n in range(16)]),
        column("bucket", "bucket", features=["bucket"]),
        column("slots", "slots", slots=4, features=["s0", "s1", "s2", "s3"]),
        {"name": "n", "role": "feature", "kind": "number", "encoding": "number", "features": ["n"]},
        {"name": "ok", "role": "feature", "kind": "boolean", "encoding": "boolean", "features": ["ok"]},
    ]
    unseen = UnseenCategories()
    row = {"bits": "x", "bucket": "y", "slots": "z", "n": 5, "ok": True}
    encoder(*described, unseen="refuse").encode([row], unseen=unseen)
    assert not unseen and unseen.as_header() == ""


def test_the_header_names_the_columns_and_stays_short():
    unseen = UnseenCategories()
    for value in ("a", "a", "b"):
        unseen.add("도시 & co=1", value)
    unseen.add("plan", "gold" * 100)
    assert unseen.as_header().isascii() and parse_header(unseen.as_header()) == {"도시 & co=1": 3, "plan": 1}
    assert len(unseen.examples["plan"][0]) == 60 and unseen.total == 4
    for n in range(500):
        unseen.add(f"column {n} " * 3, "x")
    unseen.add("x" * 10_000, "x")
    assert MAX_HEADER / 2 < len(unseen.as_header()) <= MAX_HEADER
    assert parse_header("a=1&b=x&c=-2&d=") == {"a": 1}


def test_counts_of_a_model_that_cannot_be_trusted_are_counts_or_nothing():
    unseen = UnseenCategories()
    for counts in (None, [], {"a": "b"}, {"a": -1}, {"a": 10**30}, {"a": True}, {"city": 2}, {"city": 1}):
        unseen.merge(counts)
    assert unseen.counts == {"city": 3}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_rows_by_name_equal_the_validation_file_where_it_has_other_categories(folder: Folder, keep, name):
    lines = ["city,y"] + [f"{'ab'[i % 2]},{i % 2 if i % 3 else 1 - i % 2}" for i in range(40)]
    second = keep("city,y\nAtlantis,0\na,1\nother,0\n,1\n", "second.csv")
    recipe = Recipe(target="y", validation="location", validation_uri=second, unseen="other")
    algorithm = ALGORITHMS[name]
    if not algorithm.data.validation:
        pytest.skip("it uses no held-out rows")
    ready = prepare(locate(folder, keep("\n".join(lines))), recipe, algorithm, f"s3://{BUCKET}/unseen-{name}")
    channel = ready.channels[algorithm.data.validation]
    wrote = written(folder, channel, ready.content_type, algorithm.data.label)
    unseen = UnseenCategories()
    rows = [{"city": city} for city in ("Atlantis", "a", "other", "")]
    encoded = RowEncoder(json.loads(json.dumps(ready.schema))).encode(rows, unseen=unseen)
    np.testing.assert_array_equal(encoded.astype(wrote.dtype), wrote)
    assert unseen.counts == {"city": 2}


def test_the_recipe_makes_the_schema_strict(folder: Folder, keep):
    lines = ["city,y"] + [f"{'ab'[i % 2]},{i % 2}" for i in range(40)]
    source = locate(folder, keep("\n".join(lines)))
    for policy, stored in (("other", None), ("refuse", "refuse")):
        recipe = Recipe.from_json(Recipe(target="y", unseen=policy).as_json())
        ready = prepare(source, recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/strict")
        assert ready.schema.get("unseen") == stored
