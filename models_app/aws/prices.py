"""What SageMaker charges an hour for an instance: on demand, training and real-time hosting alike.

The figures are in instances.json beside this, with their date, their sources and what is not confirmed. Other Regions
differ. A family that is not confirmed is marked in the form.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Instance:
    """One instance type. Prices are Amazon's, in US dollars."""

    name: str
    vcpu: int
    memory: int  # GiB
    usd: float  # an hour
    family: str
    confirmed: bool
    hosts: bool  # SageMaker takes it for endpoints too

    @property
    def per_hour(self) -> float:
        return self.usd

    @property
    def per_day(self) -> float:
        return self.usd * 24


@dataclass(frozen=True)
class Family:
    """The sizes of one kind of machine, smallest first."""

    name: str
    title: str
    confirmed: bool
    types: tuple[Instance, ...]


@cache
def families() -> tuple[Family, ...]:
    """Every family of the data file, in its order."""
    return tuple(
        Family(
            f["name"],
            f["title"],
            f["confirmed"],
            tuple(_instance(f, t) for t in f["types"]),
        )
        for f in _file()["families"]
    )


def _instance(family: dict, size: dict) -> Instance:
    hosts = family.get("hosts", True)
    return Instance(size["name"], size["vcpu"], size["memory"], size["usd"], family["name"], family["confirmed"], hosts)


def hosting(name: str) -> str:
    """The type an endpoint gets when `name` trains: the same, or a small one where SageMaker does not host on it."""
    refused = (instance.name for family in families() for instance in family.types if not instance.hosts)
    return "ml.m5.large" if name in refused else name


def as_of() -> tuple[str, str]:
    """(day, Region) the figures are of."""
    return _file()["as_of"], _file()["region"]


@cache
def _file() -> dict:
    return json.loads(Path(__file__).with_name("instances.json").read_text())


USD_PER_HOUR = {instance.name: instance.usd for family in families() for instance in family.types}


def cost(instance_type: str, seconds: float, count: int = 1, *, free: bool = False) -> float | None:
    """US dollars for `count` instances over `seconds`; 0.0 when the compute is one's own, None when not known."""
    if free:
        return 0.0
    hourly = USD_PER_HOUR.get(instance_type)
    return None if hourly is None else hourly * count * seconds / 3600
