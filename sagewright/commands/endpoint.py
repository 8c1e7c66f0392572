"""Deploys a training job's model, calls endpoints and deletes them: `sagewright deploy`, `predict`, `delete`.

Exit codes: 0 done, 2 SageMaker or the model refuses, 3 no answer comes, 64 the command line is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from sagewright.commands.arguments import Parser
from sagewright.commands.outcome import outcome


def deploy(arguments: list[str]) -> int:
    """Host the artifact of a training job."""
    options = deploy_parser().parse_args(arguments)

    def act() -> None:
        from sagewright.sdk.sources import PredictorInstance
        from sagewright.sdk.training_job import TrainingJob

        job = TrainingJob.attach(options.job)
        instance = PredictorInstance(options.instance_type, options.instance_count)
        predictor = job.deploy(instance, name=options.name, wait=not options.no_wait)
        facts = {"endpoint": predictor.name, "status": predictor.status}
        print(json.dumps(facts) if options.json else f"{facts['endpoint']} {facts['status']}")

    return outcome(act)


def predict(arguments: list[str]) -> int:
    """Send rows of a file, of standard input or of the command line; print the predictions, one a line."""
    options = predict_parser().parse_args(arguments)
    if bool(options.file) == bool(options.row):
        predict_parser().error("give a FILE (- for standard input) or --row NAME=VALUE, one of the two")

    def act() -> None:
        from sagewright.sdk.predictor import Predictor

        rows = [dict(map(_pair, options.row))] if options.row else _rows(options.file)
        predictions = Predictor(options.endpoint).predict(rows)
        listed = predictions.tolist() if hasattr(predictions, "tolist") else predictions
        if hasattr(listed, "to_dict"):
            columns = listed.to_dict()
            listed = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if options.json:
            print(json.dumps(listed, default=str))
            return
        for prediction in listed if isinstance(listed, list) else [listed]:
            print(_text(prediction))

    return outcome(act)


def delete(arguments: list[str]) -> int:
    """Delete endpoints, each with its configuration and its model."""
    options = delete_parser().parse_args(arguments)

    def act() -> None:
        from sagewright.sdk.predictor import Predictor

        predictors = [Predictor(name) for name in options.endpoint]
        for predictor in predictors:
            predictor.describe()  # nothing is deleted when one of the names is wrong
        for predictor in predictors:
            predictor.delete()
            if not options.json:
                print(f"{predictor.name} deleted")
        if options.json:
            print(json.dumps({"deleted": options.endpoint}))

    return outcome(act)


def _rows(file: str) -> Any:
    from sagewright.runtime.files import read_channel

    if file != "-":
        if not Path(file).is_file():
            raise ValueError(f"There is no file {file}.")
        return read_channel(Path(file))
    text = sys.stdin.read().removeprefix("\ufeff").strip()
    if not text:
        raise ValueError("Standard input is empty. Send rows as CSV with the names of the columns, or as JSON.")
    is_json = text.startswith(("[", "{"))
    if is_json:
        with suppress(ValueError):
            document = json.loads(text)
            return document.get("instances", document) if isinstance(document, dict) else document
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, f"standard input.{'jsonl' if is_json else 'csv'}")
        copy.write_text(text + "\n", encoding="utf-8")
        return read_channel(copy)


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--row takes NAME=VALUE, not {text!r}.")
    try:
        number = json.loads(value)
    except ValueError:
        return name, value
    return name, number if isinstance(number, int | float) else value


def _text(prediction: Any) -> str:
    if not isinstance(prediction, dict):
        return json.dumps(prediction, default=str) if isinstance(prediction, list) else str(prediction)
    return "  ".join(f"{name}={value}" for name, value in prediction.items() if not isinstance(value, dict))


def _parser(verb: str) -> Parser:
    parser = Parser(
        prog=f"sagewright {verb}", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    return parser


def deploy_parser() -> Parser:
    """The options of `sagewright deploy`."""
    parser = _parser("deploy")
    parser.add_argument("job", help="the training job whose model is hosted")
    parser.add_argument("--name", default="", help="the endpoint's name; default: the job's")
    parser.add_argument("--instance-type", default="ml.m5.large", help="the instance that hosts it")
    parser.add_argument("--instance-count", type=int, default=1, metavar="N", help="how many instances")
    parser.add_argument("--no-wait", action="store_true", help="do not wait until it is in service")
    return parser


def predict_parser() -> Parser:
    """The options of `sagewright predict`."""
    parser = _parser("predict")
    parser.add_argument("endpoint", help="the endpoint's name")
    parser.add_argument("file", nargs="?", default="", help="CSV, JSON Lines or Parquet; - is standard input")
    parser.add_argument("--row", nargs="+", default=[], metavar="NAME=VALUE", help="one row, column by column")
    return parser


def delete_parser() -> Parser:
    """The options of `sagewright delete`."""
    parser = _parser("delete")
    parser.add_argument("endpoint", nargs="+", help="the endpoints' names")
    return parser
