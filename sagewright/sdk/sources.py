"""Where a job runs and where its data is: the words of a `fit` and a `deploy`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOUR = 3600  # seconds
REPLICATED, SHARDED = "FullyReplicated", "ShardedByS3Key"


@dataclass(frozen=True)
class TrainingInstance:
    """What a training job runs on. `max_runtime` is in seconds; then SageMaker stops the job."""

    type: str = "ml.m5.large"
    count: int = 1
    volume_gb: int = 30
    max_runtime: int = HOUR

    def __post_init__(self) -> None:
        _check_type(self.type)


@dataclass(frozen=True)
class PredictorInstance:
    """What an endpoint runs on."""

    type: str = "ml.m5.large"
    count: int = 1

    def __post_init__(self) -> None:
        _check_type(self.type)


@dataclass(frozen=True)
class S3DataSource:
    """Data in S3, an object or a prefix; a path of this machine is uploaded first, unless the job runs here.

    `target` names the column to predict. `header` says whether the first line of a CSV names the columns; None looks.
    `content_type` is sent with the channel. `distribution` is its S3DataDistributionType: with FullyReplicated every
    instance gets all of it, with ShardedByS3Key each gets some of its objects; "" divides the training rows of a
    built-in algorithm that can, and nothing else.

    The other fields are for built-in algorithms: `validation` and `test` are shares of the rows that are held out
    (None: as the console does), `excluded` and `weight` name columns, `recipe` has further decisions as the console's
    "View as code" writes them. With `prepare` False the objects go to the algorithm as they are.
    """

    uri: str
    target: str = ""
    header: bool | None = None
    content_type: str = ""
    validation: float | None = None
    test: float = 0.0
    excluded: tuple[str, ...] = ()
    weight: str = ""
    prepare: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)
    distribution: str = ""

    def __post_init__(self) -> None:
        if self.distribution not in ("", REPLICATED, SHARDED):
            raise ValueError(f"distribution is {REPLICATED} or {SHARDED}, not {self.distribution!r}.")

    @property
    def is_local(self) -> bool:
        """True for a path of this machine."""
        return not str(self.uri).startswith("s3://")

    def options(self) -> dict[str, Any]:
        """What reading the channel must know."""
        return {"target": self.target, "header": self.header}


def _check_type(name: str) -> None:
    if not name.startswith("ml.") or name.count(".") != 2:
        raise ValueError(f"{name!r} is no instance type of SageMaker. They are written like ml.m5.large.")


def as_source(data: Any) -> S3DataSource:
    """`data` as a source: a text or a path is its location. Raises TypeError for anything else."""
    if isinstance(data, S3DataSource):
        return data
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        return S3DataSource(str(data))
    if hasattr(data, "artifact"):
        return S3DataSource(data.artifact)
    raise TypeError(
        f'{type(data).__name__} is no location of data. Give S3DataSource("s3://bucket/prefix/"), or the path of a '
        "file; a table is written to one first."
    )
