"""A trained model with its test rows in a folder, as `evaluation.process` takes them."""

import io
import json
import tarfile
from pathlib import Path

import algorithms
from algorithms.contract import Channel, TrainingContext
from common.s3_uri import parse_s3_uri
from evaluation import files
from tables import Folder, Recipe, locate, prepare


def train(root: Path, csv: str, name: str, hyperparameters: dict[str, str] | None = None, **recipe) -> dict:
    """Prepare `csv`, train the algorithm `name` on it, and leave everything in `root`; returns the schema."""
    algorithm = algorithms.get(name)
    (root / files.BUCKET).mkdir(parents=True)
    store = Folder(root)
    store.put(files.BUCKET, "table.csv", io.BytesIO(csv.encode()), "text/csv")
    source = locate(store, f"s3://{files.BUCKET}/table.csv")
    ready = prepare(source, Recipe(test_share=0.25, **recipe), algorithm, files.JOB)
    channels = {}
    for channel, uri in ready.channels.items():
        bucket, key = parse_s3_uri(uri)
        channels[channel] = Channel(channel, root / bucket / key, ready.content_type)
    model, output = root / "trained", root / "output"
    model.mkdir()
    output.mkdir()
    settled = algorithm.settle(algorithm.presets["Fast"] | (hyperparameters or {}), ready.facts)
    algorithm.load_trainer()(TrainingContext(settled, channels, model, output))
    with tarfile.open(root / files.ARTIFACT, "w:gz") as archive:
        for path in model.iterdir():
            archive.add(path, path.name)
    request = {"algorithm": name, "content_type": ready.content_type, "test_rows": ready.schema["test_rows"]}
    (root / files.REQUEST).write_text(json.dumps(request))
    (root / files.SCHEMA).write_text(json.dumps(ready.schema))
    return ready.schema
