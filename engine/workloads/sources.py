"""Fetches the code of a script-mode job: a sourcedir.tar.gz of S3, unpacked into the job's folder."""

from pathlib import Path

from algorithms.contract import UserError
from common.model_archive import BadArtifact
from common.s3_uri import is_s3_uri, normalize_s3_uri, split_s3_uri
from engine.data_source import S3Object, list_objects
from engine.jobs.transfers import Transfers
from engine.serving.archive import unpack_apart

FORM = "Give the S3 address of a .tar.gz with your script at its top, as the SageMaker Python SDK uploads it."


def fetch(uri: str, folder: Path, scratch: Path, transfers: Transfers) -> Path:
    """Download the archive at `uri` and unpack it into the new `folder`; the folder. Raises UserError."""
    if not is_s3_uri(uri):
        raise UserError(f"sagemaker_submit_directory is {uri!r}. {FORM}")
    item = _object(uri)
    transfers.download([(scratch, [item])], 0)
    archive = scratch / item.path
    folder.mkdir()
    try:
        unpack_apart(archive, folder)
    except BadArtifact as e:
        reason = str(e).replace("The model archive", "the archive").replace("the model's files", "the source")
        raise UserError(f"The source code {uri} cannot be used: {reason} {FORM}") from e
    finally:
        archive.unlink(missing_ok=True)
    return folder


def _object(uri: str) -> S3Object:
    key = split_s3_uri(normalize_s3_uri(uri)).key
    listed = list_objects({"S3DataType": "S3Prefix", "S3Uri": uri})
    source = next((item for item in listed if item.key == key), None)
    if source is None:
        raise UserError(f"The source code {uri} is not there. Upload it again, or correct sagemaker_submit_directory.")
    return source._replace(path="sourcedir.tar.gz")
