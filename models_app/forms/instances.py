"""The machines to choose from; the same type may train and host."""

from dataclasses import dataclass

from models_app.prices import USD_PER_HOUR


@dataclass(frozen=True)
class Instance:
    """One instance type. Prices are Amazon's, in US dollars."""

    name: str
    vcpu: int
    memory: int  # GiB

    @property
    def per_hour(self) -> float:
        return USD_PER_HOUR[self.name]

    @property
    def per_day(self) -> float:
        return self.per_hour * 24


INSTANCES = (
    Instance("ml.m5.large", 2, 8),
    Instance("ml.m5.xlarge", 4, 16),
    Instance("ml.m5.2xlarge", 8, 32),
    Instance("ml.m5.4xlarge", 16, 64),
    Instance("ml.c5.xlarge", 4, 8),
    Instance("ml.c5.2xlarge", 8, 16),
)
BY_NAME = {instance.name: instance for instance in INSTANCES}
