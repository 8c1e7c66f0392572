"""Which channels and content types AWS's XGBoost takes, refused in the container's words (docs/containers.md)."""

from __future__ import annotations

from collections.abc import Mapping

from algorithms.contract import Channel, UserError

CSV, LIBSVM, PARQUET, RECORDIO = "csv", "libsvm", "parquet", "recordio-protobuf"
KINDS = {
    CSV: CSV, LIBSVM: LIBSVM, PARQUET: PARQUET, RECORDIO: RECORDIO, "text/csv": CSV, "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM, "application/x-parquet": PARQUET, "application/x-recordio-protobuf": RECORDIO,
}  # fmt: skip
ACCEPTED = {**KINDS, "text/csv;label_size=1": CSV}
PIPED = (PARQUET, RECORDIO)


def where(channel: str) -> str:
    """Where a channel lies in the container, for messages; our own folders are nobody's business."""
    return f"/opt/ml/input/data/{channel}"


def not_accepted(content_type: str, more: tuple[str, ...] = ()) -> str:
    return f"{content_type} is not an accepted ContentType: {', '.join([*KINDS, *more])}."


def checked_kind(channels: Mapping[str, Channel]) -> str:
    """The format of the training data, after checking every channel. Raises UserError as the container does.

    As there, validation data is read in the train channel's format, and no content type means libsvm.
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
        # Upper case, or a blank after the semicolon, is refused by the container too: it compares whole strings.
        name, _, option = content_type.partition(";")
        if name == "text/csv" and option.strip().startswith("label_size=") and option.strip() != "label_size=1":
            raise UserError(label_size_refused(content_type))
        raise UserError(_unsupported(channel))
    if channel.input_mode == "Pipe":
        if ACCEPTED[content_type] == CSV:
            raise UserError("Pipe mode for CSV is no longer supported. Please use Fast File mode (default) instead.")
        if ACCEPTED[content_type] not in PIPED:
            raise UserError(_unsupported(channel))
    elif channel.input_mode != "File":
        raise UserError(_unsupported(channel))


def label_size_refused(content_type: str) -> str:
    return f"{content_type} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"


def _unsupported(channel: Channel) -> str:
    config = {
        "ContentType": channel.content_type or "text/libsvm",
        "RecordWrapperType": channel.record_wrapper or "None",
        "S3DistributionType": "FullyReplicated",
        "TrainingInputMode": channel.input_mode,
    }
    return f"Channel configuration for '{channel.name}' channel is not supported: {config}"
