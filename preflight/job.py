"""A training job as it is asked for, for checking: from the Create model form or from a CreateTrainingJob request."""

from __future__ import annotations

from dataclasses import dataclass, field

import algorithms
from tables.recipe import Recipe


@dataclass
class Job:
    """What will be asked of SageMaker. With `recipe.prepare` False the objects go to the container as they are."""

    name: str = ""
    algorithm: str = algorithms.DEFAULT
    image_tag: str = ""  # of the container; "" is the newest
    hyperparameters: dict[str, str] = field(default_factory=dict)
    data_uri: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    channels: dict[str, str] = field(default_factory=dict)  # {channel: uri}; {} lets preparing decide
    content_types: dict[str, str] = field(default_factory=dict)  # {channel: content type} of a raw request
    compression: dict[str, str] = field(default_factory=dict)  # {channel: None | Gzip} of a raw request
    input_mode: str = "File"
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    volume_gb: int = 30
    max_runtime: int = 3600  # seconds
    role_arn: str = ""
    region: str = ""
    deploy: bool = False
    endpoint_name: str = ""
    cost_limit: float | None = None  # US dollars

    def content_type(self, channel: str, usual: str) -> str:
        """What is said of a raw channel: its own word, nothing in a request that leaves it out, else the `usual`."""
        return self.content_types.get(channel, "" if self.channels else usual)
