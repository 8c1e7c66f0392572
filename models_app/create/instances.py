"""The machines to choose from; the same type trains and, where SageMaker hosts on it, hosts."""

from models_app.aws.prices import Instance, families

FAMILIES = families()
INSTANCES: tuple[Instance, ...] = tuple(instance for family in FAMILIES for instance in family.types)
BY_NAME = {instance.name: instance for instance in INSTANCES}
USUAL = BY_NAME["ml.m5.large"]


def larger(name: str) -> str:
    """The next size of the same family, for a job that ran out of memory; "" when there is none."""
    instance = BY_NAME.get(name)
    same = [other for other in INSTANCES if instance and other.family == instance.family]
    bigger = [other for other in same if instance and other.memory > instance.memory]
    return bigger[0].name if bigger else ""
