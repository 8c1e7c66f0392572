"""A trained model with its test rows in a folder, as `evaluation.process` takes them."""

import io
import json
import tarfile
from pathlib import Path

import algorithms
from algorithms.contract import Channel, TrainingContext
from common.s3_uri import parse_s3_uri
from evaluation import files
from evaluation.table_input import write_table_rows
from tables import Folder, Recipe, locate, prepare
from tables.inspector import inspect_source


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


def train_unlabelled(root: Path, csv: str, name: str, hyperparameters: dict[str, str] | None = None, **recipe) -> dict:
    """`train` for an algorithm without a label, with the rows of the table itself to evaluate it on."""
    schema = train(root, csv, name, hyperparameters, **recipe)
    source = locate(Folder(root), f"s3://{files.BUCKET}/table.csv")
    inspection = inspect_source(source, Recipe(**recipe), supervised=False)
    sample = write_table_rows(source, inspection, schema, Folder(root), lambda _done: None)
    request = json.loads((root / files.REQUEST).read_text())
    request |= {"test_rows": sample.rows, "table": {"is_whole": sample.is_whole}}
    (root / files.REQUEST).write_text(json.dumps(request))
    return schema
