"""What runs inside a job's process: reads the folder's contract, calls the algorithm, and says how it ended."""

import json
import os
import sys
import traceback
from pathlib import Path

import algorithms
from algorithms.contract import AlgorithmFailure, Channel, TrainingContext, UserError

CRASHED = 1
MEMORY = "Please use an instance type with more memory, or reduce the size of training data processed on an instance."


def run(root: Path, start: dict) -> int:
    """Train in `root` and give the exit code; what went wrong is left in output/failure, in words."""
    try:
        _train(root, start)
    except SystemExit as e:
        return (
            e.code if isinstance(e.code, int) else 0 if e.code is None else _failed(root, "AlgorithmError", str(e.code))
        )
    except UserError as e:
        return _failed(root, "ClientError", str(e))
    except AlgorithmFailure as e:
        return _failed(root, "AlgorithmError", str(e))
    except MemoryError:
        traceback.print_exc()
        return _failed(root, "AlgorithmError", MEMORY)
    except BaseException as e:
        traceback.print_exc()
        return _failed(root, "AlgorithmError", f"{type(e).__name__}: {e}" if str(e) else type(e).__name__)
    return 0


def context(root: Path, start: dict) -> TrainingContext:
    """The job as its algorithm sees it."""
    config = root / "input/config"
    channels = json.loads((config / "inputdataconfig.json").read_text())
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
            )
            for name, channel in channels.items()
        },
        model_dir=root / "model",
        output_dir=root / "output",
        num_cpus=start["threads"],
        environment=dict(os.environ),
        image=start.get("image", ""),
    )


def _train(root: Path, start: dict) -> None:
    train = algorithms.get(start["algorithm"]).load_trainer()
    train(context(root, start))


def _failed(root: Path, kind: str, words: str) -> int:
    print(f"{kind}: {words}", file=sys.stderr, flush=True)
    failure = root / "output/failure"
    if not failure.exists():  # an algorithm that wrote its own words knows better
        failure.write_text(f"{kind}: {words}")
    return CRASHED
