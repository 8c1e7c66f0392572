"""The instance types that the console offers: their sizes, and what an hour costs.

On-demand prices for training and real-time hosting alike. The figures are in instances.json, with their date, their
sources and what is not confirmed. Other Regions differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jobs.instance_types import GIBIBYTES

_FILE = json.loads(Path(__file__).with_name("instances.json").read_text())


@dataclass(frozen=True)
class Instance:
    """One instance type. `usd` is Amazon's price of an hour, in US dollars."""

    name: str
    vcpu: int
    usd: float
    family: str
    confirmed: bool
    hosts: bool  # SageMaker hosts endpoints on it too

    @property
    def memory(self) -> int:
        """GiB."""
        return GIBIBYTES[self.name]

    @property
    def per_hour(self) -> float:
        """US dollars of an hour."""
        return self.usd

    @property
    def per_day(self) -> float:
        """US dollars of 24 hours."""
        return self.usd * 24


@dataclass(frozen=True)
class Family:
    """The sizes of one kind of machine, smallest first. `title` is a message id."""

    name: str
    title: str
    confirmed: bool
    types: tuple[Instance, ...]


def _family(stored: dict) -> Family:
    hosts = stored.get("hosts", True)
    types = tuple(
        Instance(t["name"], t["vcpu"], t["usd"], stored["name"], stored["confirmed"], hosts) for t in stored["types"]
    )
    return Family(stored["name"], stored["title"], stored["confirmed"], types)


FAMILIES: tuple[Family, ...] = tuple(map(_family, _FILE["families"]))
INSTANCES: tuple[Instance, ...] = tuple(instance for family in FAMILIES for instance in family.types)
BY_NAME: dict[str, Instance] = {instance.name: instance for instance in INSTANCES}
DEFAULT = BY_NAME["ml.m5.large"]
PRICE_DATE: tuple[str, str] = (_FILE["as_of"], _FILE["region"])  # (day, Region) of the figures


def larger(name: str) -> str:
    """The next size of the same family, for a job that ran out of memory; "" when there is none."""
    instance = BY_NAME.get(name)
    if instance is None:
        return ""
    larger_ones = [i for i in INSTANCES if i.family == instance.family and i.memory > instance.memory]
    return larger_ones[0].name if larger_ones else ""


def hosting_type(name: str) -> str:
    """The type that hosts the endpoint of a model trained on `name`: the same, or a small one if that hosts nothing."""
    instance = BY_NAME.get(name)
    return DEFAULT.name if instance and not instance.hosts else name


def cost(instance_type: str, seconds: float, count: int = 1, *, free: bool = False) -> float | None:
    """US dollars for `count` instances over `seconds`; 0.0 when the compute is one's own, None when not known."""
    if free:
        return 0.0
    instance = BY_NAME.get(instance_type)
    return None if instance is None else instance.usd * count * seconds / 3600
