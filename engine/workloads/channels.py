"""Resolves the channels of a training job: which objects each has, and which file each object becomes."""

from pathlib import PurePosixPath

from algorithms.contract import UserError
from common.aws_messages import no_s3_objects
from engine.data_source import KINDS, InvalidManifest, S3Object, list_objects

SHARDED = "ShardedByS3Key"


def objects_of(channel: dict, request: dict, region: str, host: int = 0, hosts: int = 1) -> list[S3Object]:
    """Return the objects that one of several hosts, counted from 0, has of a channel of a CreateTrainingJob request.

    With ShardedByS3Key those are every n-th object, none where there are fewer objects than hosts; with FullyReplicated
    all. Raises UserError with AWS's words.
    """
    name = channel["ChannelName"]
    source = channel.get("DataSource", {}).get("S3DataSource")
    if source is None:
        raise UserError(f"Channel {name} is not in S3. Only S3DataSource is offered here; copy the data into a bucket.")
    if source["S3DataType"] not in KINDS:
        raise UserError(
            f"Channel {name} has S3DataType {source['S3DataType']}, which is not offered here. Use S3Prefix or "
            "ManifestFile."
        )
    try:
        objects = list(list_objects(source))
    except InvalidManifest as e:
        raise UserError(f"Data download failed:{e}") from e
    if not objects:
        raise UserError(no_s3_objects(source["S3Uri"], region, request.get("RoleArn", "")))
    _check_paths(objects)
    return objects[host::hosts] if source.get("S3DataDistributionType") == SHARDED else objects


def input_mode(channel: dict, request: dict) -> str:
    """Return the input mode of a channel: its own, or the job's."""
    return channel.get("InputMode") or request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")


def _check_paths(objects: list[S3Object]) -> None:
    """Refuse keys that are no file names, and a file that would have to be a folder too."""
    paths = {item.path for item in objects}
    for item in objects:
        parts = item.path.split("/")
        bad = next((p for p in parts if p in ("", ".", "..") or "\0" in p or len(p.encode()) > 255), None)
        if bad is not None:
            what = {"": "//", ".": "/./", "..": "/../"}.get(bad, bad[:40])
            raise UserError(
                f"Data download failed:Failed to download data. S3 key: s3://{item.bucket}/{item.key} "
                f"has an illegal char sub-sequence '{what}' in it"
            )
        clash = next((str(p) for p in PurePosixPath(item.path).parents if str(p) in paths), None)
        if clash or len(paths) != len(objects):
            clash = clash or next(i.path for i in objects if [o.path for o in objects].count(i.path) > 1)
            raise UserError(
                f"Data download failed:Two S3 objects would become the same path {clash!r} in the channel, one of them "
                f"s3://{item.bucket}/{item.key}. Rename one, or use a prefix that means only one of them."
            )
