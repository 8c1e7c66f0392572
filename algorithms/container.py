"""How an AWS container treats data that was not prepared for it: accept, refuse or ignore."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class ContainerVersion(NamedTuple):
    """The behaviour of one version of a container. The defaults are those of a current version."""

    name: str = ""
    refused_letters: re.Pattern[str] | None = None  # in the first line; None if the version does not check them
    strict_channels: bool = True  # content types are compared as whole strings, capitals and blanks included
    parquet: bool = True
    strict_hyperparameters: bool = True  # an unknown one is refused
    missing_objectives: frozenset[str] = frozenset()  # objectives added by later versions
    older_objectives: Mapping[str, str] = {}  # {objective: what this version calls it}
    outdated_since: str = ""  # the year of a version that is too old to be chosen on purpose


class ContentTypeRefusal(NamedTuple):
    """The container's message about a content type, and an explanation for the user."""

    message: str
    reason: str


class GpuSetting(NamedTuple):
    """The hyperparameter value that needs a GPU, and its replacement without one."""

    name: str
    value: str
    without: str


def _newest_only(tag: str) -> ContainerVersion | None:
    return ContainerVersion()


def only_tags(*tags: str) -> Callable[[str], ContainerVersion | None]:
    """Return a `Container.version` for one image that AWS published under `tags`."""
    return lambda tag: ContainerVersion() if tag in ("", *tags) else None


class Container(NamedTuple):
    """How an algorithm's container reads its channels.

    `version(tag)` returns the behaviour of the image with this tag, "" being the newest, and None for a tag that AWS
    does not have. `tags` are the published tags, oldest first, () where the algorithm has one image.
    `content_type_refusal` takes (channel, content type, version) and returns None for a content type that the version
    accepts. Without it the container accepts the content types of the declared channels. `pipe_formats` are the data
    formats accepted in Pipe mode, None for all.
    """

    lenient: bool = False  # trains on a cell that is no number as 0 or as missing
    refuses_hidden_files: bool = False
    limits_depth: bool = False  # silently ignores files in folders that are too deep
    pipe_formats: tuple[str, ...] | None = None
    gpu: GpuSetting | None = None
    tags: tuple[str, ...] = ()
    version: Callable[[str], ContainerVersion | None] = _newest_only
    content_type_refusal: Callable[[str, str, ContainerVersion], ContentTypeRefusal | None] | None = None
