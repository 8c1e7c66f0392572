"""The process in which a model is evaluated: `python -m evaluation FOLDER`, in the sandbox of `evaluation.process`.

It reads FOLDER as `files` names it, runs the model's predictor, and writes its results there. A model may be harmful:
the process has no credentials and limited time and memory, and its results are bytes and JSON, nothing to unpickle.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import algorithms
from algorithms.contract import AlgorithmFailure, InvocationError, UserError
from common.messages import _, gettext_noop, to_json
from common.model_archive import BadArtifact, unpack
from common.problems import Problem
from evaluation import files
from tables.evaluation_rows import MAX_ROWS, read_evaluation_rows
from tables.predictions import answer_schema
from tables.raw_rows import read_raw_rows
from tables.sparse_layout import RECORDIO
from tables.store import Folder

NICENESS = 10  # a person who deploys or trains meanwhile goes first
CSV = "text/csv"
MISSING = gettext_noop(
    "The algorithm's library is not on this machine (%(why)s). Install sagewright[engine] here to evaluate models "
    "without an endpoint."
)

FAILED = gettext_noop("The model failed on its test rows: %(name)s: %(why)s")


def main() -> int:
    """Evaluate the model of a folder: 0 when its results are there, 1 when `files.ERROR` says why not."""
    folder = Path(sys.argv[1])
    os.nice(NICENESS)
    try:
        _evaluate(folder)
    except ImportError as e:
        _write(folder / files.ERROR, {"error": to_json(_(MISSING, why=str(e)))})
    except (UserError, AlgorithmFailure, BadArtifact, ValueError) as e:
        _write(folder / files.ERROR, {"error": str(e)})
    except (Problem, InvocationError) as e:
        _write(folder / files.ERROR, {"error": to_json(e.message)})
    except MemoryError:
        _write(folder / files.ERROR, {"error": "The model and its test rows take more memory than the machine has."})
    except Exception as e:  # a broken model can make its library raise anything
        traceback.print_exc()
        _write(folder / files.ERROR, {"error": to_json(_(FAILED, name=type(e).__name__, why=str(e)))})
    else:
        return 0
    return 1


def _evaluate(folder: Path) -> None:
    request = json.loads((folder / files.REQUEST).read_text())
    schema = json.loads((folder / files.SCHEMA).read_text())
    model = folder / "model"
    model.mkdir()
    unpack(folder / files.ARTIFACT, model)
    algorithm = algorithms.get(request["algorithm"])
    predictor = algorithm.load_predictor().load(model, {})
    schema = answer_schema(schema, predictor)
    if (options := request.get("changes")) is not None:
        from evaluation.changes import changes_of

        accept = algorithm.accept_header or CSV
        document = changes_of(predictor, accept, schema, request["row"], options["locked"], options["by"])
        _write(folder / files.EVALUATION, document)
        return
    if (row := request.get("row")) is not None:
        from evaluation.row_reasons import row_reasons

        _write(folder / files.EVALUATION, row_reasons(predictor, schema, row))
        return
    # After the algorithm's library: it is imported as the engine's processes import it, without scikit-learn.
    from evaluation.document import evaluation_document
    from evaluation.effects import write_effects
    from evaluation.explanation import explanation
    from evaluation.predict import predict_rows
    from evaluation.predictions import predictions_table, write_csv
    from evaluation.table_rows import evaluate_table

    store, job, rows = Folder(folder), files.JOB, request["test_rows"]
    names = [column["name"] for column in schema["columns"]]
    accept = algorithm.accept_header or CSV
    if on := request.get("table"):
        raw = read_raw_rows(store, job, names)
        table, document = evaluate_table(predictor, algorithm, schema, raw, accept, rows)
        document["on"] = on | document["on"]
        (folder / files.PREDICTIONS).write_bytes(write_csv(table))
        _write(folder / files.EVALUATION, document)
        return
    content_type = RECORDIO if request["content_type"].startswith(RECORDIO) else CSV
    batches = read_evaluation_rows(store, job, request["content_type"], rows)
    labels, predicted = predict_rows(predictor, schema, batches, content_type, accept)
    table = predictions_table(schema, labels, predicted, read_raw_rows(store, job, names, -(-rows // MAX_ROWS)))
    (folder / files.PREDICTIONS).write_bytes(write_csv(table))
    document = evaluation_document(table, schema, rows)
    document["explain"], effects = explanation(predictor, schema, table, accept, document["worst"])
    if effects is not None:
        (folder / files.EFFECTS).write_bytes(write_effects(effects))
    _write(folder / files.EVALUATION, document)


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write JSON that is whole as soon as it is there."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(document, allow_nan=False))
    part.rename(path)


if __name__ == "__main__":
    sys.exit(main())
