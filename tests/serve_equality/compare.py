"""Trains on the ugly table by the SDK, deploys, and compares the endpoint's answers with the artifact's."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import algorithms
from algorithms.formats import recordio
from algorithms.spec import Algorithm
from common.s3_uri import split_s3_uri
from sagewright import Model, S3DataSource
from sagewright.sdk.session import default_session
from tests.serve_equality import ugly

BATCH = 250  # rows a request: sums of a batch may round as its size has it, so both sides get the same ones
RECIPE: dict[str, Any] = {
    "types": {"code": "category", "flag": "boolean", "40 texts": "category", "400 texts": "text", "user": "text"},
    "numbers": {
        "price": "currency", "share %": "percent", "betrag": "comma", "prix, net": "comma", "लाख": "currency",
        "followers": "scale", "dose": "bound", "balance": "thousands", "sap": "accounting", "全角": "notation",
    },
    "has_header": True,
}  # fmt: skip
CASES = {
    "xgboost": ["binary", "multiclass", "many", "number"],
    "lightgbm": ["binary", "multiclass", "number"],
    "catboost": ["binary", "multiclass", "number"],
    "linear-learner": ["binary", "multiclass", "number"],
    "factorization-machines": ["binary", "number"],
    "knn": ["binary", "multiclass", "many", "number"],
    "kmeans": ["binary"],
    "pca": ["binary"],
    "randomcutforest": ["binary"],
}


@dataclass
class Outcome:
    """What was compared: encodings of the schema, rows of the channels, answers that differ in JSON and in CSV."""

    encodings: set[str]
    width: int
    rows: dict[str, int] = field(default_factory=dict)
    unseen: int = 0
    differing: list[str] = field(default_factory=list)


def compare(name: str, labels: str, rows: int, seed: int = 0) -> Outcome:
    """Train `name` on `rows` rows with `labels`, and ask for these and for half as many with unseen categories.

    Held out are all of them: of texts that are encoded by their labels, training rows have means that leave their own
    label out, so only held-out rows are what an endpoint makes of them. It needs the variables of a running engine.
    """
    algorithm, session = algorithms.get(name), default_session()
    train = ugly.table(rows, seed, labels, new=False)
    held_out = [*train, *ugly.table(rows // 2, seed, labels, new=True)]
    target = ugly.TARGET if algorithm.supervised else ""
    recipe = RECIPE | ({} if target else {"excluded": [ugly.TARGET]})
    with tempfile.TemporaryDirectory() as temporary:
        files = Path(temporary, "train.csv"), Path(temporary, "held-out.csv")
        for file, content in zip(files, (train, held_out), strict=True):
            file.write_text(ugly.as_csv(content), newline="")
        model = getattr(Model, name.replace("-", "_"))(**algorithm.presets["Fast"])
        job = model.fit(
            None, S3DataSource(str(files[0]), target=target, recipe=recipe), S3DataSource(str(files[1])),
            name=f"equal-{name}", quiet=True,
        )  # fmt: skip
        predictor = _loaded(algorithm, job.artifact, Path(temporary))
    channels = {c["ChannelName"]: c for c in job.describe()["InputDataConfig"]}
    schema = json.loads(_object(f"{job.artifact.partition('/output/')[0]}/schema.json"))
    features = [column for column in schema["columns"] if column["role"] == "feature"]
    outcome = Outcome({column["encoding"] for column in features}, len(schema["features"]))
    with model.deploy(quiet=True) as endpoint:
        runtime = session.client("sagemaker-runtime")
        for channel, content in ((algorithm.data.train, train), (algorithm.data.validation, held_out)):
            if channel not in channels or (channel == algorithm.data.train and "target" in outcome.encodings):
                continue
            uri, kind = channels[channel]["DataSource"]["S3DataSource"]["S3Uri"], channels[channel]["ContentType"]
            prepared = list(_batches(_objects(uri), kind, bool(target)))
            outcome.rows[channel] = len(content)
            assert len(prepared) == -(-len(content) // BATCH), (channel, len(prepared))
            for number, (part, numbers) in enumerate(zip(_batched(content), prepared, strict=True)):
                expected, _ = predictor.invoke(numbers, kind, algorithm.accept_header or None)
                for request_kind, body in _requests(part):
                    answer = runtime.invoke_endpoint(
                        EndpointName=endpoint.name, Body=body, ContentType=request_kind, Accept=algorithm.accept_header
                    )
                    unseen = answer["ResponseMetadata"]["HTTPHeaders"].get("x-sagewright-unseen-categories", "")
                    outcome.unseen += sum(int(pair.rpartition("=")[2]) for pair in unseen.split("&") if pair)
                    if answer["Body"].read() != expected:
                        outcome.differing.append(f"{channel}, rows from {number * BATCH}, {request_kind}")
    return outcome


def _requests(rows: Sequence[dict[str, str]]) -> Iterator[tuple[str, bytes]]:
    """The rows by name: as CSV, as JSON of texts, as JSON with numbers, booleans and null."""
    named = [{name: cell for name, cell in row.items() if name != ugly.TARGET} for row in rows]
    yield "text/csv", ugly.as_csv(named).encode()
    yield "application/json", json.dumps({"instances": named}, ensure_ascii=False).encode()
    yield "application/jsonlines", b"".join(json.dumps(_typed(row)).encode() + b"\n" for row in named)


def _typed(row: dict[str, str]) -> dict[str, Any]:
    paid = row["paid?"].lower()
    return {name: cell or None for name, cell in row.items()} | {
        "größe (km)": float(row["größe (km)"]),
        "flag": {"0": False, "1": True}.get(row["flag"]),
        "paid?": paid == "yes" if paid in ("yes", "no") else None,
    }


def _loaded(algorithm: Algorithm, artifact: str, folder: Path) -> Any:
    with tarfile.open(fileobj=io.BytesIO(_object(artifact))) as archive:
        archive.extractall(folder / "model", filter="data")
    return algorithm.load_predictor().load(folder / "model")


def _object(uri: str) -> bytes:
    bucket, key = split_s3_uri(uri)
    return default_session().client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def _objects(uri: str) -> bytes:
    bucket, prefix = split_s3_uri(uri)
    listed = default_session().client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    keys = sorted(o["Key"] for o in listed if not o["Key"].endswith(".json"))
    return b"".join(_object(f"s3://{bucket}/{key}") for key in keys)


def _batches(body: bytes, kind: str, labelled: bool) -> Iterator[bytes]:
    """The rows of a prepared channel as requests: CSV loses its first column, a record's label is no feature."""
    if kind.startswith("application/x-recordio"):
        rows = [bytes(frame) for frame in recordio.read_frames(body)]
        yield from (b"".join(map(_framed, part)) for part in _batched(rows))
        return
    lines = body.splitlines()
    yield from (
        b"\n".join(line.partition(b",")[2] if labelled else line for line in part) + b"\n" for part in _batched(lines)
    )


def _framed(payload: bytes) -> bytes:
    return struct.pack("<II", recordio.MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def _batched(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
