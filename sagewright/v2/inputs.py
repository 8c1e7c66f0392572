"""Channels of version 2."""

from __future__ import annotations

from typing import Any

from sagewright.v2.arguments import refuse_unknown


class TrainingInput:
    """Where a channel's data is; `config` is its member of InputDataConfig, without the name."""

    def __init__(
        self, s3_data: str, distribution: str | None = None, compression: str | None = None,
        content_type: str | None = None, record_wrapping: str | None = None, s3_data_type: str = "S3Prefix",
        input_mode: str | None = None, **extra: Any,
    ):  # fmt: skip
        refuse_unknown("TrainingInput", extra)
        source = {
            "S3DataType": s3_data_type,
            "S3Uri": str(s3_data),
            "S3DataDistributionType": distribution or "FullyReplicated",
        }
        optional = {"CompressionType": compression, "ContentType": content_type, "InputMode": input_mode}
        optional["RecordWrapperType"] = record_wrapping
        present = {name: value for name, value in optional.items() if value}
        self.config: dict[str, Any] = {"DataSource": {"S3DataSource": source}, **present}


def channels_of(inputs: Any) -> list[dict[str, Any]]:
    """InputDataConfig of what `fit` takes: a location, a TrainingInput, or either by channel; None is no channel."""
    if inputs is None:
        return []
    by_name = inputs if isinstance(inputs, dict) else {"training": inputs}
    as_input = {n: i if isinstance(i, TrainingInput) else TrainingInput(i) for n, i in by_name.items()}
    return [{"ChannelName": name, **item.config} for name, item in as_input.items()]
