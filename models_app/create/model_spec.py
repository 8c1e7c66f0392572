"""A model as it is asked for, before anything is made of it."""

import uuid
from dataclasses import dataclass, field

from tables import Recipe


@dataclass
class Draft:
    """What the Create model form holds. `intent` is the form's own key: the same key twice makes one model."""

    name: str = ""
    algorithm: str = "xgboost"
    data_uri: str = ""
    recipe: Recipe = field(default_factory=Recipe)  # how the table is read, mended, prepared and split
    hyperparameters: dict[str, str] = field(default_factory=dict)
    instance_type: str = "ml.m5.large"
    max_runtime: int = 3600  # seconds
    deploy_when_done: bool = True
    endpoint_name: str = ""  # '' for the model's own name
    deploy_metric: str = ""  # deploy only if this metric of the validation rows ...
    deploy_threshold: float | None = None  # ... is at least (or, for errors, at most) this; None: always
    idle_hours: int = 0  # delete the endpoint after so many hours without a request; 0: never
    cost_limit: float | None = None  # US dollars; training is stopped when it has cost this much
    volume_gb: int = 30
    seen_etag: str = ""  # the version of the data that a person looked at; "" for whichever is there
    intent: str | uuid.UUID = field(default_factory=uuid.uuid4)
