"""The behaviour of each version of AWS's XGBoost image with invalid tables (docs/containers.md).

Version 0.72 checks the letters of the first line. From 0.90 on the container checks only the delimiter of the first
line, and XGBoost's reader parses as much as possible of each cell. From 1.0 on it compares channels with a fixed list.
"""

from __future__ import annotations

import re

from algorithms.container import Container, ContainerVersion, ContentTypeRefusal, GpuSetting
from algorithms.xgboost.channels import ACCEPTED, CSV, LIBSVM, PIPE_FORMATS, content_type_message, label_size_message
from common.messages import _

_NEW_IN_090 = frozenset({"reg:squarederror"})
_NEW_IN_10 = frozenset({"reg:squaredlogerror"})
_NEW_IN_12 = frozenset({"survival:aft", "aft_loss_distribution", "reg:pseudohubererror"})
_NEW_IN_17 = frozenset({"reg:absoluteerror"})
_OLDEST = ContainerVersion(
    "0.72", re.compile("[a-zA-Z]"), strict_channels=False, parquet=False, strict_hyperparameters=False,
    missing_objectives=_NEW_IN_090 | _NEW_IN_10 | _NEW_IN_12 | _NEW_IN_17,
    older_objectives={"reg:squarederror": "reg:linear"}, outdated_since="2018",
)  # fmt: skip
_NEWEST = ContainerVersion("3.2")
_VERSIONS = {
    version.name: version
    for version in (
        ContainerVersion(
            "0.90", strict_channels=False, parquet=False, missing_objectives=_NEW_IN_10 | _NEW_IN_12 | _NEW_IN_17
        ),
        ContainerVersion("1.0", missing_objectives=_NEW_IN_12 | _NEW_IN_17),
        ContainerVersion("1.2", missing_objectives=_NEW_IN_17),
        ContainerVersion("1.3", missing_objectives=_NEW_IN_17),
        ContainerVersion("1.5", missing_objectives=_NEW_IN_17),
        ContainerVersion("1.7"),
        ContainerVersion("3.0"),
        _NEWEST,
    )
}
TAGS = ("0.72", "0.90-1", "0.90-2", "1.0-1", "1.2-1", "1.2-2", "1.3-1", "1.5-1", "1.7-1", "3.0-5", "3.2-0")
_PYTHON = "-cpu-py3"  # the SageMaker SDK writes it behind the tags of the images that run scripts, too


def version(tag: str) -> ContainerVersion | None:
    """Return the behaviour of the image with this tag (`1.7-1`, `latest`; "" is the newest), None if AWS has none."""
    if not tag:
        return _NEWEST
    if tag in ("1", "latest") or tag.startswith("0.72"):
        return _OLDEST
    published = tag.removesuffix(_PYTHON)
    return _VERSIONS[published.split("-", 1)[0]] if published in TAGS else None


def content_type_refusal(channel: str, content_type: str, version: ContainerVersion) -> ContentTypeRefusal | None:
    """Return this version's refusal of a channel's content type, None if it is accepted or empty."""
    kind = content_type if version.strict_channels else content_type.lower()
    if not content_type or (kind in ACCEPTED and (version.parquet or ACCEPTED[kind] in (CSV, LIBSVM))):
        return None
    option = content_type.partition(";")[2].strip()
    if option.startswith("label_size=") and option != "label_size=1":
        reason = _("The label is always the first column, so label_size can only be 1.")
        return ContentTypeRefusal(label_size_message(content_type), reason)
    if content_type.lower().replace(" ", "") in ACCEPTED:
        message = f"Channel configuration for '{channel}' channel is not supported: {{'ContentType': '{content_type}'}}"
        reason = _(
            "The container compares content types letter by letter, capitals and blanks included. Write text/csv."
        )
        return ContentTypeRefusal(message, reason)
    return ContentTypeRefusal(
        content_type_message(content_type), _("XGBoost trains on CSV, LibSVM, Parquet and RecordIO-protobuf only.")
    )


CONTAINER = Container(
    lenient=True,
    refuses_hidden_files=True,
    limits_depth=True,
    pipe_formats=PIPE_FORMATS,
    gpu=GpuSetting("tree_method", "gpu_hist", without="hist"),
    tags=TAGS,
    version=version,
    content_type_refusal=content_type_refusal,
)
