"""Linear Learner gets a column for each text, as sparse records where there are more than 20."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import algorithms
from algorithms.contract import Channel, TrainingContext
from tables import Recipe, RowEncoder, locate, prepare
from tests.unit.tables.conftest import BUCKET

LINEAR = algorithms.get("linear-learner")
CITIES = 120


def table(rows: int, seed: int) -> tuple[list[dict[str, str]], np.ndarray]:
    """Cities of which each has its own share of "yes", whatever its number of rows, and a number."""
    random = np.random.default_rng(seed)
    effect = np.random.default_rng(7).normal(scale=1.4, size=CITIES)
    city, x = random.integers(CITIES, size=rows), random.normal(size=rows)
    y = effect[city] + 0.4 * x + random.logistic(size=rows) > 0
    cells = [
        {
            "city": f"City {c}" if c else "",
            "colour": ["red", "blue"][i % 2],
            "x": f"{v:.3f}",
            "y": ["no", "yes"][int(t)],
        }
        for i, (c, v, t) in enumerate(zip(city, x, y, strict=True))
    ]
    return cells, y


def as_csv(rows: list[dict[str, str]]) -> str:
    return ",".join(rows[0]) + "\n" + "".join(",".join(row.values()) + "\n" for row in rows)


def test_each_of_many_texts_is_learned(folder, keep, tmp_path):
    """By the rank of their frequency, which says nothing of the cities, the AUC is 0.61."""
    recipe = Recipe(target="y", types={"city": "category"})
    prepared = prepare(locate(folder, keep(as_csv(table(4000, 0)[0]))), recipe, LINEAR, f"s3://{BUCKET}/m")
    columns = {column["name"]: column for column in prepared.schema["columns"]}
    assert (columns["city"]["encoding"], columns["colour"]["encoding"]) == ("index", "one-hot")
    assert prepared.content_type == prepared.schema["content_type"] == "application/x-recordio-protobuf"
    assert prepared.facts.features == CITIES - 1 + 2 + 1 and prepared.facts.entries == 4
    for name in ("model", "output"):
        (tmp_path / name).mkdir()
    channels = {
        name: Channel(name, folder.root / uri.removeprefix("s3://"), prepared.content_type)
        for name, uri in prepared.channels.items()
    }
    settings = LINEAR.settle({"epochs": "10", "num_models": "4"}, prepared.facts)
    LINEAR.load_trainer()(TrainingContext(settings, channels, tmp_path / "model", tmp_path / "output"))
    predictor = LINEAR.load_predictor().load(tmp_path / "model")
    rows, y = table(4000, 1)
    encoded = RowEncoder(json.loads(json.dumps(prepared.schema))).encode([{**row, "y": ""} for row in rows])
    assert roc_auc_score(y, predictor.predict(predictor.check(encoded))[:, 0]) > 0.745


@pytest.mark.parametrize("texts", [20, 21])
def test_up_to_20_texts_the_rows_stay_csv(folder, keep, texts):
    content = "city,y\n" + "".join(f"City {i % texts},{'ab'[i // 7 % 2]}\n" for i in range(texts * 20))
    prepared = prepare(locate(folder, keep(content)), Recipe(target="y"), LINEAR, f"s3://{BUCKET}/m")
    assert (prepared.content_type == "text/csv") == (texts == 20)
    ending = ".csv" if texts == 20 else ".pbr"
    assert all(o.key.endswith(ending) for o in folder.list_objects(BUCKET, "m/train"))
    assert prepared.facts.features == texts


def test_a_text_without_end_is_hashed(folder, keep):
    content = "who,y\n" + "".join(f"P{i % 1500},{'ab'[i % 7 % 2]}\n" for i in range(4500))
    recipe = Recipe(target="y", types={"who": "text"})
    prepared = prepare(locate(folder, keep(content)), recipe, LINEAR, f"s3://{BUCKET}/m")
    (column,) = [c for c in prepared.schema["columns"] if c["name"] == "who"]
    assert column["encoding"] == "slots" and 8 * 1500 < column["slots"] <= 2**18
    encoded = RowEncoder(prepared.schema).encode([{"who": "P7"}, {"who": "nobody yet"}, {"who": None}])
    assert encoded.sum(axis=1).tolist() == [1, 1, 0]
