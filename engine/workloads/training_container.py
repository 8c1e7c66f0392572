"""The process of a training member: reads its folder, calls the algorithm, and reports how it ended."""

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path

import algorithms
from algorithms.contract import AlgorithmFailure, Channel, TrainingContext, UserError

CRASHED = 1
READERS = ("algorithms.formats.csv_table", "algorithms.formats.parquet_table", "algorithms.formats.recordio")
MEMORY = (
    "The training process was refused memory. Please use an instance type with more memory, or reduce the size of "
    "training data processed on an instance; hyperparameters such as num_class count too."
)


def preload() -> None:
    """Load every algorithm's trainer, and the readers of their data: no job may import what the zygote could.

    A trainer that cannot be loaded is reported; its job will fail with the reason.
    """
    for algorithm in algorithms.ALGORITHMS.values():
        try:
            algorithm.load_trainer()
        except Exception as e:
            print(f"zygote: could not load {algorithm.name}: {e}", file=sys.stderr, flush=True)
    for reader in READERS:  # after the trainers: LightGBM imports more of Arrow when that is there
        import_module(reader)


def run(root: Path, start: dict) -> int:
    """Train in `root` and return the exit code. A failure is described in output/failure."""
    try:
        _train(root, start)
    except SystemExit as e:
        return (
            e.code if isinstance(e.code, int) else 0 if e.code is None else _failed(root, "AlgorithmError", str(e.code))
        )
    except UserError as e:
        return _failed(root, "ClientError", str(e))
    except AlgorithmFailure as e:
        return _failed(root, "AlgorithmError", MEMORY if _is_out_of_memory(e) else str(e))
    except BaseException as e:
        traceback.print_exc()
        if _is_out_of_memory(e):
            return _failed(root, "AlgorithmError", MEMORY)
        return _failed(root, "AlgorithmError", f"{type(e).__name__}: {e}" if str(e) else type(e).__name__)
    return 0


def _is_out_of_memory(error: BaseException) -> bool:
    """Return whether Python or a library in C++ was refused memory."""
    return isinstance(error, MemoryError) or "std::bad_alloc" in str(error)


def context(root: Path, start: dict) -> TrainingContext:
    """Return the job as its algorithm sees it."""
    config = root / "input/config"
    channels = json.loads((config / "inputdataconfig.json").read_text())
    resources = json.loads((config / "resourceconfig.json").read_text())
    return TrainingContext(
        hyperparameters=json.loads((config / "hyperparameters.json").read_text()),
        channels={
            name: Channel(
                name,
                root / "input/data" / name,
                channel.get("ContentType"),
                channel["TrainingInputMode"],
                channel["RecordWrapperType"],
                channel["CompressionType"],
                channel["S3DistributionType"] == "ShardedByS3Key",
            )
            for name, channel in channels.items()
        },
        model_dir=root / "model",
        output_dir=root / "output",
        checkpoint_dir=root / start["checkpoints"] if "checkpoints" in start else None,
        num_cpus=start["threads"],
        environment=dict(os.environ),
        image=start.get("image", ""),
        hosts=tuple(resources["hosts"]),
        current_host=resources["current_host"],
    )


def _train(root: Path, start: dict) -> None:
    algorithm = algorithms.get(start["algorithm"])
    if line := algorithm.images.substitution(start.get("image", "")):
        print(f"WARNING: {line}", flush=True)
    algorithm.load_trainer()(context(root, start))


def _failed(root: Path, kind: str, text: str) -> int:
    print(f"{kind}: {text}", file=sys.stderr, flush=True)
    failure = root / "output/failure"
    if not failure.exists():  # the algorithm's own text is more exact
        failure.write_text(f"{kind}: {text}")
    return CRASHED
