"""An artifact of a prepared table carries what predicts with it elsewhere, and stays an artifact for every loader."""

import io
import json
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import algorithms
from engine.serving.answering import Answering
from engine.workloads import portable
from evaluation import files
from tests.unit.evaluation.trained import train

TABLE = "age,plan,left\n" + "".join(f"{i % 50},{'ab'[i % 2]},{'yes' if i % 3 else 'no'}\n" for i in range(90))
ROWS = "age,plan\n41,a\n,b\n7.5,never seen\n"


class Store:
    """The objects of a folder, as an S3 client of them."""

    def __init__(self, root):
        self.root, self.is_away = root, False

    def get_object(self, Bucket, Key):
        path = self.root / Bucket / Key
        if self.is_away:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
        if not path.is_file():
            raise ClientError({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "GetObject")
        body = path.read_bytes()
        return {"ContentLength": len(body), "Body": io.BytesIO(body)}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    objects = Store(tmp_path)
    monkeypatch.setattr(portable.store, "client", lambda: objects)
    return objects


def request_of(folder: str = files.JOB) -> dict:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{folder}/train/"}}
    channels = [{"ChannelName": "train", "DataSource": source}]
    return {"InputDataConfig": channels, "HyperParameters": {"num_round": "9", "seed": "4"}}


def test_the_artifact_predicts_by_itself_and_its_loaders_see_no_difference(tmp_path, store):
    algorithm, schema = algorithms.get("xgboost"), train(tmp_path, TABLE, "xgboost", target="left", seed=7)
    model = tmp_path / "trained"
    assert portable.add_program(model, algorithm, request_of()) == ""
    first = {path.name: path.read_bytes() for path in (model / "portable").iterdir()}
    manifest = json.loads(first["model.json"])
    assert manifest["seeds"] == {"holdout": 7, "seed": 4} and manifest["recipe"]["target"] == "left"
    assert manifest["data"]["objects"][0]["etag"] and manifest["libraries"]["xgboost"]
    (tmp_path / "rows.csv").write_text(ROWS)
    command = [sys.executable, "-I", str(model / "portable/predict.py"), str(tmp_path / "rows.csv")]
    process = subprocess.run(command, capture_output=True, text=True, cwd="/")
    (tmp_path / "copy").mkdir()
    algorithm.load_predictor().validate(model, tmp_path / "copy")
    endpoint = Answering(algorithm.load_predictor().load(model), algorithm.accept_header)
    endpoint.use_schema(schema)
    answer, _ = endpoint.answer(ROWS.encode(), "text/csv", "application/json; labels=true")
    assert [json.loads(line) for line in process.stdout.splitlines()] == json.loads(answer)["predictions"]
    assert "1 values of plan were not in the training data" in process.stderr
    for path in (model / "portable").iterdir():
        path.unlink()
    (model / "portable").rmdir()
    portable.add_program(model, algorithm, request_of())
    assert {path.name: path.read_bytes() for path in (model / "portable").iterdir()} == first


def test_other_channels_leave_a_plain_artifact_and_a_store_that_is_away_is_told(tmp_path, store):
    algorithm = algorithms.get("xgboost")
    for request in (request_of(f"s3://{files.BUCKET}/elsewhere"), {"InputDataConfig": []}, {}):
        assert portable.add_program(tmp_path, algorithm, request) == ""
    (tmp_path / files.BUCKET / "rows").mkdir(parents=True)
    (tmp_path / files.BUCKET / "rows/schema.json").write_text('{"algorithm": "knn", "features": ["a"]}')
    assert portable.add_program(tmp_path, algorithm, request_of()) == ""
    (tmp_path / files.BUCKET / "rows/schema.json").write_text("{")
    assert "JSONDecodeError" in portable.add_program(tmp_path, algorithm, request_of())
    store.is_away = True
    assert "EndpointConnectionError" in portable.add_program(tmp_path, algorithm, request_of())
    assert not (tmp_path / "portable").exists()
