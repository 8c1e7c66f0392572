"""Columns of sentences become TF-IDF features where the algorithm takes sparse records, and are left out elsewhere."""

import json
import random

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from algorithms.formats.recordio import read_table, write_sparse_rows
from engine.serving.model_schema import ModelSchema, SchemaError
from tables import text_features
from tables.text_features import SLOTS, TextEncoder, encode_idf, slot_counts, words
from tests.corpus.cases import Table, table

VOCABULARY = [
    "good", "bad", "film", "plot", "actor", "slow", "dull", "bright", "scene", "music", "long", "short", "story",
    "mind", "heart", "ending", "don't", "3d", "naïve", "서울에서", "영화를", "東京物語", "кино", "фильм",
]  # fmt: skip


def sentence(draw: random.Random, least: int = 5) -> str:
    return " ".join(draw.choice(VOCABULARY) for _ in range(draw.randint(least, 14)))


def reviews(rows: int = 200, **changes) -> Table:
    draw = random.Random(5)
    cells = [(sentence(draw), i % 7, "ab"[i % 2]) for i in range(rows)]
    cells[3], cells[4], cells[5] = ("", 1, "a"), ("...", 2, "b"), ("no word of this twice", 3, "a")
    body = "review,n,y\n" + "".join(f'"{text}",{n},{label}\n' for text, n, label in cells)
    return table(body, target="y", **{"algorithm": "linear-learner", "validation": "none"} | changes)


def rows_of(tried: Table) -> list[dict]:
    lines = tried.files["t.csv"].decode().splitlines()[1:]
    return [dict(zip(("review", "n"), (cell.strip('"') for cell in line.split(",")), strict=False)) for line in lines]


def test_words_are_those_of_the_script():
    assert words("Don't STOP_now, 3D!") == ["don't", "stop", "now", "3d"]
    assert words("서울에서 봤다") == ["서울", "울에", "에서", "봤다"]
    assert words("東京物語 is 映") == ["東京", "京物", "物語", "is", "映"]
    assert words("iPhone을 샀다") == ["iphone", "을", "샀다"]
    assert words("") == [] and len(words("word " * text_features.MAX_CHARACTERS)) == text_features.MAX_CHARACTERS // 5


def test_the_features_are_scikit_learns_but_for_the_hash():
    draw = random.Random(2)
    texts = [sentence(draw) for _ in range(80)]
    counted = np.zeros(SLOTS, np.int64)
    for text in texts:
        counted[[*slot_counts(text)]] += 1
    idf, count = encode_idf(counted, len(texts))
    encoder = TextEncoder({"name": "t", "idf": idf, "features": ["f"] * count})
    ours = np.zeros((len(texts), count))
    for row, text in enumerate(texts):
        positions, values = encoder.encode(text)
        ours[row, positions] = values
    theirs = TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=2).fit_transform(texts)
    assert theirs.shape[1] == count
    assert np.allclose(ours @ ours.T, (theirs @ theirs.T).toarray(), atol=2e-3)  # idf has the digits of float16


@pytest.mark.parametrize("algorithm", ["linear-learner", "factorization-machines"])
def test_a_row_by_name_becomes_what_preparing_made_of_it(algorithm):
    tried = reviews(algorithm=algorithm)
    assert ("columns.unique", "warn", "review") not in tried.findings("warn")
    assert "TF-IDF" in tried.finding("columns.text").text
    prepared = tried.prepared
    (column,) = [c for c in prepared.schema["columns"] if c["name"] == "review"]
    assert column["encoding"] == "tfidf" and 20 < len(column["features"]) < 40
    written, encoded = prepared.matrix()[:, 1:], prepared.encode(*rows_of(tried)).astype(np.float32)
    assert np.array_equal(written, encoded) and written.shape == (200, len(prepared.features))
    own = [prepared.features.index(name) for name in column["features"]]
    lengths = np.linalg.norm(encoded[:, own], axis=1)
    assert np.allclose(lengths, [0 if i in (3, 4, 5) else 1 for i in range(200)], atol=1e-6)


def test_words_of_held_out_rows_are_no_features():
    tried = reviews(validation="time", time_column="n", validation_share=0.3)
    body = tried.files["t.csv"].decode().splitlines()
    late = [line if not line.endswith(("6,a", "6,b")) else line.replace('"', '"zebra zebra ', 1) for line in body]
    other = table("\n".join(late), target="y", algorithm="linear-learner", validation="time", time_column="n",
                  validation_share=0.3)  # fmt: skip
    mine, theirs = tried.prepared.schema["columns"][0], other.prepared.schema["columns"][0]
    assert mine["idf"] == theirs["idf"] and mine["features"] == theirs["features"]


def test_the_schema_has_one_size_for_any_words():
    draw = random.Random(8)
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = lambda: " ".join("".join(draw.choices(letters, k=2)) for _ in range(30))  # noqa: E731
    many = table("t,y\n" + "".join(f"{text()},{i % 2}\n" for i in range(400)), target="y", algorithm="linear-learner")
    size = [len(json.dumps(tried.prepared.schema["columns"][0]["idf"])) for tried in (many, reviews())]
    assert size[0] == size[1] == 4 * -(-2 * SLOTS // 3) + 2
    assert len(many.prepared.features) > 300


def test_a_schema_whose_words_do_not_fit_its_features_is_none():
    schema = reviews().prepared.schema
    for wrong in ({"idf": "AAAA"}, {"idf": "é"}, {"features": ["one"]}, {"idf": None}):
        column = schema["columns"][0] | wrong
        with pytest.raises(SchemaError):
            ModelSchema(schema | {"columns": [column, *schema["columns"][1:]]}, None, "")


@pytest.mark.parametrize("algorithm", ["xgboost", "lightgbm", "catboost", "knn"])
def test_algorithms_without_sparse_records_leave_sentences_out_and_say_why(algorithm):
    tried = reviews(algorithm=algorithm)
    finding = tried.finding("columns.text", "review")
    assert finding.level == "warn" and "takes no words" in finding.text
    assert tried.prepared.features == ["n"] and "Left out: review." in tried.prepared.data.lineage["fixes"]
    assert tried.press("columns.text", "review", "Use Linear Learner").job.algorithm == "linear-learner"
    assert tried.press("columns.text", "review", "Leave out").job.recipe.excluded == ["review"]
    as_category = tried.but(types={"review": "category"})  # who says so has a category
    assert len(as_category.prepared.features) > 1 or as_category.prepared.schema["columns"][0]["role"] == "feature"


def test_a_table_of_nothing_else_is_refused_with_the_algorithm_that_reads_it():
    lines = reviews().files["t.csv"].decode().replace(",n,y", ",y").splitlines()
    body = "\n".join(line.rsplit(",", 2)[0] + "," + line[-1] for line in lines)
    tried = table(body, target="y")
    finding = tried.finding("columns.text")
    assert (finding.level, [fix.label for fix in finding.fixes]) == ("err", ["Use Linear Learner"])
    assert not tried.press("columns.text").findings("err")


@pytest.mark.parametrize("labels", [None, np.arange(6)])
def test_records_of_any_number_of_entries_are_read_as_they_were_written(labels):
    draw = np.random.default_rng(1)
    sizes = np.array([3, 0, 1, 3, 7, 0])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.concatenate([np.sort(draw.choice(300, size, replace=False)) for size in sizes]).astype(np.int64)
    values = draw.normal(size=sizes.sum()).astype(np.float32)
    x, y = read_table(write_sparse_rows(values, columns, starts, 300, labels))
    read = csr_matrix((x.values, x.columns, x.starts), shape=(6, x.width)).toarray()
    assert x.width == 300
    assert np.array_equal(read, csr_matrix((values, columns, starts), shape=(6, 300)).toarray())
    assert y.tolist() == ([] if labels is None else labels.tolist())
