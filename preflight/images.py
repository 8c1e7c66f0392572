"""How AWS's XGBoost images differ in what they do with a faulty table (docs/containers.md): which refuse, which train.

Version 0.72 looks at the letters of the first line. From 0.90 on only the delimiter of the first line is looked at, and
XGBoost's own reader takes what it can of every cell. From 1.0 on channels are compared with a fixed list, word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """One version's behaviour. `letters` is what it will not have in the first line; None when it does not look."""

    tag: str
    letters: re.Pattern[str] | None = None
    strict_channels: bool = True  # content types are compared as whole strings, capitals and blanks included
    parquet: bool = True
    strict_hyperparameters: bool = True  # one that is not known is refused
    objectives_since: frozenset[str] = frozenset()  # objectives it does not have yet


_NEW_IN_090 = frozenset({"reg:squarederror"})
_NEW_IN_10 = frozenset({"reg:squaredlogerror"})
_NEW_IN_12 = frozenset({"survival:aft", "aft_loss_distribution", "reg:pseudohubererror"})
_NEW_IN_17 = frozenset({"reg:absoluteerror"})

_BY_TAG = {
    "0.72": Image("0.72", re.compile("[a-zA-Z]"), strict_channels=False, parquet=False, strict_hyperparameters=False,
                  objectives_since=_NEW_IN_090 | _NEW_IN_10 | _NEW_IN_12 | _NEW_IN_17),
    "0.90": Image("0.90", strict_channels=False, parquet=False,
                  objectives_since=_NEW_IN_10 | _NEW_IN_12 | _NEW_IN_17),
    "1.0": Image("1.0", objectives_since=_NEW_IN_12 | _NEW_IN_17),
    "1.2": Image("1.2", objectives_since=_NEW_IN_17),
    "1.3": Image("1.3", objectives_since=_NEW_IN_17),
    "1.5": Image("1.5", objectives_since=_NEW_IN_17),
    "1.7": Image("1.7"),
    "3.0": Image("3.0"),
}  # fmt: skip
_OLDEST = ("1", "latest", "0.72")
NEWEST = "3.0-5"
KNOWN = ("0.72", "0.90-1", "0.90-2", "1.0-1", "1.2-1", "1.2-2", "1.3-1", "1.5-1", "1.7-1", "3.0-5")


def image(tag: str) -> Image | None:
    """Return the behaviour of the image with this tag (`1.7-1`, `latest`); "" is the newest, None an unknown one."""
    if not tag:
        return _BY_TAG["3.0"]
    if tag in _OLDEST or tag.startswith("0.72"):
        return _BY_TAG["0.72"]
    return _BY_TAG.get(tag.split("-", 1)[0])
