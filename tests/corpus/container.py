"""What AWS's container would do with a raw job, as far as it can be run: its loading steps on XGBoost's own reader.

Rebuilt from the container's public source: hyperparameters and channels are checked, the delimiter of the first line is
sniffed, XGBoost reads the files by itself, and a few rounds are trained. (Our engine refuses much of what this trains.)
"""

from __future__ import annotations

import csv
import gzip
import tempfile
import warnings
from pathlib import Path

from algorithms.contract import Channel, UserError
from algorithms.xgboost import ALGORITHM
from algorithms.xgboost.boosting import xgb, xgboost_params
from algorithms.xgboost.channels import CSV, LIBSVM, training_format
from tests.corpus.bad import Bad

_OUTCOMES: dict[str, str] = {}


def can_run(bad: Bad) -> bool:
    """Is the claim about the newest image, about bytes or settings, and not about the account or the machine?"""
    job = bad.job
    value = job.content_types.get("train") or ("text/csv" if not job.channels else "")
    kinds = ("text/csv", "csv", "text/libsvm", "")
    compute = any(id.partition(".")[0] in ("compute", "image", "account") for id in bad.expect)
    advice = bad.expect and set(bad.expect) <= {"hyperparameters.data", "location.stray", "location.slashes"}
    readable = value in kinds or "channels.content_type" in bad.expect
    return not (
        job.recipe.prepare
        or job.image_tag
        or bad.account_facts
        or compute
        or advice
        or not bad.predictable
        or not readable
    )


def outcome(bad: Bad) -> str:
    """The error that ends the job, "" when it trains to the end. Each job is run once in a process."""
    if bad.name not in _OUTCOMES:
        _OUTCOMES[bad.name] = _outcome(bad)
    return _OUTCOMES[bad.name]


def _outcome(bad: Bad) -> str:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _train(bad, Path(folder))
        except (UserError, xgb.core.XGBoostError, csv.Error, ValueError) as e:
            return str(e).split("Stack trace")[0].strip() or type(e).__name__
    return ""


def _train(bad: Bad, folder: Path) -> None:
    job = bad.job
    values = ALGORITHM.parse(job.hyperparameters)
    uris = job.channels or {"train": job.data_uri}
    types = {name: job.content_types.get(name) or (None if job.channels else "text/csv") for name in uris}
    channels = {
        name: Channel(name, _copied(bad, uri, folder / name), types[name], job.input_mode) for name, uri in uris.items()
    }
    kind = training_format(channels)
    matrices = {name: _load(channels[name].path, kind, bad) for name in ("train", "validation") if name in channels}
    params = xgboost_params(values, 1) | {"verbosity": 0}
    xgb.train(params, matrices["train"], 3, [(m, name) for name, m in matrices.items()], verbose_eval=False)


def _copied(bad: Bad, uri: str, folder: Path) -> Path:
    """The channel's folder, as SageMaker fills it. Raises UserError when nothing is at `uri`."""
    folder.mkdir()
    if not uri.startswith("s3://corpus/"):
        raise UserError(f"No S3 objects found under S3 URL {uri!r} given in input data source.")
    prefix = uri.removeprefix("s3://corpus/")
    by_name = {key: body for key, body in bad.files.items() if key.startswith(prefix)}
    if not by_name:
        raise UserError(f"No S3 objects found under S3 URL {uri!r} given in input data source.")
    for key, body in by_name.items():
        path = folder / key.removeprefix(prefix.rpartition("/")[0] + "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if bad.job.compression.get("train") == "Gzip":
            if body[:2] != b"\x1f\x8b":
                raise UserError("Not a gzipped file")
            body = gzip.decompress(body)
        path.write_bytes(body)
    return folder


def _load(folder: Path, kind: str, bad: Bad):
    everything = [path for path in folder.rglob("*") if path.is_file()]
    if any(path.name.startswith(".") for path in everything):
        raise UserError("Hidden file found in the data path! Remove that before training.")
    deep = [path for path in everything if len(path.relative_to(folder).parts) > 3]
    files = [p for p in everything if not p.name.startswith("_") and p.stat().st_size and p not in deep]
    if not files:
        raise UserError("No data in channel path")
    near = folder / "loaded"
    near.mkdir()
    for number, path in enumerate(sorted(files)):
        (near / f"{number:03}").write_bytes(path.read_bytes())
    if kind == LIBSVM:
        _first_libsvm_line(files)
        return xgb.DMatrix(f"{near}?format=libsvm")
    assert kind == CSV
    with sorted(files)[0].open(errors="ignore") as lines:
        first = lines.readline()
    delimiter = csv.Sniffer().sniff(first).delimiter
    words = first.split(" ")
    if len(words) > 1 and all(":" in word for word in words[1:]):
        raise UserError(f"First line of data file {first[:50]!r} is not 'CSV' format.")
    weight = "&weight_column=1" if bad.job.hyperparameters.get("csv_weights") == "1" else ""
    return xgb.DMatrix(f"{near}?format=csv&label_column=0&delimiter={delimiter}{weight}")


def _first_libsvm_line(files: list[Path]) -> None:
    """The container looks at the lines up to the first with more than one feature."""
    for path in files:
        with path.open(errors="ignore") as lines:
            for line in lines:
                words = line.split(" ")
                if any(":" not in word for word in words[1:]) or len(words) < 2:
                    raise UserError(f"First line {line[:50]!r} is not 'LIBSVM' format.")
                if len(words) > 2:
                    break
