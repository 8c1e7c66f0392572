"""What SageMaker charges an hour for an instance: on demand, us-east-1, training and real-time hosting alike."""

# As several public projects quote them alike (seen 2026-11-22); not read off aws.amazon.com/sagemaker/pricing itself.
# Other Regions differ.
USD_PER_HOUR = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
}


def cost(instance_type: str, seconds: float, count: int = 1, *, free: bool = False) -> float | None:
    """US dollars for `count` instances over `seconds`; 0.0 when the compute is one's own, None when not known."""
    if free:
        return 0.0
    hourly = USD_PER_HOUR.get(instance_type)
    return None if hourly is None else hourly * count * seconds / 3600
