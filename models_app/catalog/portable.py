"""Streams a model as an archive that predicts without Sagewright: the artifact and the portable files."""

from collections.abc import Iterator
from dataclasses import dataclass

import algorithms
from common.messages import _
from common.s3_uri import split_s3_uri
from jobs.portable import bundle, sources
from models_app.aws import s3
from models_app.catalog.provenance import provenance_of
from models_app.models import Model, TrainingJob
from models_app.problems import Problem

CONTENT_TYPE = "application/x-tar"
MAX_ARTIFACT = 8 * 1024**3  # bytes; the sizes of a tar archive's headers end there


@dataclass(frozen=True)
class Archive:
    """A download: its name, its size in bytes and its chunks. The artifact's chunks are read from S3 on demand."""

    filename: str
    size: int
    pieces: Iterator[bytes]


def is_portable(model: Model) -> bool:
    """True if `model` has an artifact and a schema, and an algorithm whose predictor can be handed out."""
    job, algorithm = model.job, algorithms.ALGORITHMS.get(model.algorithm)
    trained = job is not None and job.status == TrainingJob.Status.COMPLETED and job.artifact
    return bool(trained and model.schema.get("features") and algorithm and sources.are_ours(algorithm.predictor))


def archive_of(model: Model) -> Archive:
    """The archive of `model`. Raises Problem when it is not portable, or its artifact is gone or too large."""
    if not is_portable(model) or model.job is None:
        raise Problem(_("%(name)s has no artifact that predict.py could go with.", name=model.name))
    address = split_s3_uri(model.job.artifact)
    artifact = s3.open_object(address.bucket, address.key)
    if artifact.size >= MAX_ARTIFACT:
        raise Problem(_("The artifact of %(name)s is too large for an archive. Download it alone.", name=model.name))
    stored = {"uri": model.job.artifact, "size": artifact.size, "etag": artifact.etag}
    facts = provenance_of(model, model.job) | {"artifact": stored}
    files = bundle.bundle_files(algorithms.get(model.algorithm), model.name, model.schema, facts)
    pieces = bundle.archive(model.name, files, artifact.body_iter, artifact.size)
    return Archive(f"{model.name}.tar", bundle.archive_size(files, artifact.size), pieces)
