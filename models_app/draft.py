"""A model as it is asked for, before anything is made of it."""

import uuid
from dataclasses import dataclass, field


@dataclass
class Draft:
    """What the Create model form holds. `intent` is the form's own key: the same key twice makes one model."""

    name: str = ""
    algorithm: str = "xgboost"
    data_uri: str = ""
    target: str = ""  # a column's name, or "#1" by position when there is no header; '' for the suggested one
    has_header: bool | None = None  # None: as found
    hyperparameters: dict[str, str] = field(default_factory=dict)
    validation_share: float = 0.2
    instance_type: str = "ml.m5.large"
    max_runtime: int = 3600  # seconds
    deploy_when_done: bool = True
    endpoint_name: str = ""  # '' for the model's own name
    intent: str | uuid.UUID = field(default_factory=uuid.uuid4)
