"""Validates channels and content types as AWS's XGBoost does, with the container's texts (docs/containers.md)."""

from __future__ import annotations

from collections.abc import Mapping

from algorithms.contract import Channel, UserError

CSV, LIBSVM, PARQUET, RECORDIO = "csv", "libsvm", "parquet", "recordio-protobuf"
KINDS = {
    CSV: CSV, LIBSVM: LIBSVM, PARQUET: PARQUET, RECORDIO: RECORDIO, "text/csv": CSV, "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM, "application/x-parquet": PARQUET, "application/x-recordio-protobuf": RECORDIO,
}  # fmt: skip
ACCEPTED = {**KINDS, "text/csv;label_size=1": CSV}
PIPE_FORMATS = (PARQUET, RECORDIO)


def container_path(channel: str) -> str:
    """Return the channel's path in the container, for messages."""
    return f"/opt/ml/input/data/{channel}"


def content_type_message(content_type: str, more: tuple[str, ...] = ()) -> str:
    """Return the container's message for a content type that it does not accept."""
    return f"{content_type} is not an accepted ContentType: {', '.join([*KINDS, *more])}."


def training_format(channels: Mapping[str, Channel]) -> str:
    """Check every channel and return the format of the training data. Raises UserError with the container's text.

    As in the container, the validation data has the train channel's format, and no content type means libsvm.
    """
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    for name, channel in channels.items():
        if name == "code":
            if channel.content_type not in (None, "text/python") or channel.input_mode != "File":
                raise UserError(_unsupported(channel))
        elif name in ("train", "validation"):
            _check(channel)
        else:
            raise UserError(f"Extraneous channel found: {name}")
    return ACCEPTED[channels["train"].content_type or "text/libsvm"]


def _check(channel: Channel) -> None:
    content_type = channel.content_type or "text/libsvm"
    if content_type not in ACCEPTED:
        # The container compares whole strings, so it refuses upper case and a blank after the semicolon too.
        name, _, option = content_type.partition(";")
        if name == "text/csv" and option.strip().startswith("label_size=") and option.strip() != "label_size=1":
            raise UserError(label_size_message(content_type))
        raise UserError(_unsupported(channel))
    if channel.input_mode == "Pipe":
        if ACCEPTED[content_type] == CSV:
            raise UserError("Pipe mode for CSV is no longer supported. Please use Fast File mode (default) instead.")
        if ACCEPTED[content_type] not in PIPE_FORMATS:
            raise UserError(_unsupported(channel))
    elif channel.input_mode != "File":
        raise UserError(_unsupported(channel))


def label_size_message(content_type: str) -> str:
    """Return the container's message for a label_size other than 1."""
    return f"{content_type} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"


def _unsupported(channel: Channel) -> str:
    config = {
        "ContentType": channel.content_type or "text/libsvm",
        "RecordWrapperType": channel.record_wrapper or "None",
        "S3DistributionType": "FullyReplicated",
        "TrainingInputMode": channel.input_mode,
    }
    return f"Channel configuration for '{channel.name}' channel is not supported: {config}"
