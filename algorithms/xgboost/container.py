"""What AWS's XGBoost images do with a faulty table, version by version (docs/containers.md).

Version 0.72 looks at the letters of the first line. From 0.90 on only the delimiter of the first line is looked at, and
XGBoost's own reader takes what it can of every cell. From 1.0 on channels are compared with a fixed list, word by word.
"""

from __future__ import annotations

import re

from algorithms.container import Container, ContainerVersion, ContentTypeRefusal, GpuSetting
from algorithms.xgboost.channels import ACCEPTED, CSV, LIBSVM, PIPED, label_size_refused, not_accepted
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
_NEWEST = ContainerVersion("3.0")
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
        _NEWEST,
    )
}
TAGS = ("0.72", "0.90-1", "0.90-2", "1.0-1", "1.2-1", "1.2-2", "1.3-1", "1.5-1", "1.7-1", "3.0-5")


def version(tag: str) -> ContainerVersion | None:
    """The behaviour of the image with this tag (`1.7-1`, `latest`); "" is the newest, None an unknown one."""
    if not tag:
        return _NEWEST
    if tag in ("1", "latest") or tag.startswith("0.72"):
        return _OLDEST
    return _VERSIONS.get(tag.split("-", 1)[0])


def content_type_refusal(channel: str, given: str, version: ContainerVersion) -> ContentTypeRefusal | None:
    """The refusal of a channel's content type by this version; None if it is accepted or not given."""
    kind = given if version.strict_channels else given.lower()
    if not given or (kind in ACCEPTED and (version.parquet or ACCEPTED[kind] in (CSV, LIBSVM))):
        return None
    option = given.partition(";")[2].strip()
    if option.startswith("label_size=") and option != "label_size=1":
        reason = _("The label is always the first column, so label_size can only be 1.")
        return ContentTypeRefusal(label_size_refused(given), reason)
    if given.lower().replace(" ", "") in ACCEPTED:
        message = f"Channel configuration for '{channel}' channel is not supported: {{'ContentType': '{given}'}}"
        reason = _(
            "The container compares content types letter by letter, capitals and blanks included. Write text/csv."
        )
        return ContentTypeRefusal(message, reason)
    return ContentTypeRefusal(
        not_accepted(given), _("XGBoost trains on CSV, LibSVM, Parquet and RecordIO-protobuf only.")
    )


CONTAINER = Container(
    lenient=True,
    refuses_hidden_files=True,
    limits_depth=True,
    pipe_formats=PIPED,
    gpu=GpuSetting("tree_method", "gpu_hist", without="hist"),
    tags=TAGS,
    version=version,
    content_type_refusal=content_type_refusal,
)
