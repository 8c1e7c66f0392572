"""Memory and GPUs of SageMaker's instance types, for the EC2 families that tables are trained on."""

# GiB, as EC2 documents the same types without "ml." (instance-types pages, 2026).
_SIZES = {
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "9xlarge": 18,
    "12xlarge": 24,
    "16xlarge": 32,
    "18xlarge": 36,
    "24xlarge": 48,
}
_FAMILIES = {  # GiB of a large, and the sizes there are
    "m5": (8, "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge"),
    "m6i": (8, "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"),
    "c5": (4, "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"),
    "c6i": (4, "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"),
    "r5": (16, "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"),
}
GIBIBYTES: dict[str, int] = {
    f"ml.{family}.{size}": gib * _SIZES[size] for family, (gib, sizes) in _FAMILIES.items() for size in sizes.split()
}
GIBIBYTES |= {
    "ml.m4.xlarge": 16,
    "ml.m4.2xlarge": 32,
    "ml.m4.4xlarge": 64,
    "ml.m4.10xlarge": 160,
    "ml.m4.16xlarge": 256,
    "ml.g4dn.xlarge": 16,
    "ml.g4dn.2xlarge": 32,
    "ml.g4dn.4xlarge": 64,
    "ml.p3.2xlarge": 61,
    "ml.t3.medium": 4,
    "ml.t3.large": 8,
    "ml.t3.xlarge": 16,
    "ml.t3.2xlarge": 32,
}


def memory(instance_type: str) -> float:
    """Return the memory of an instance type in bytes; 0 when the type is not in the table."""
    return GIBIBYTES.get(instance_type, 0) * 1024**3


def gpu(instance_type: str) -> bool:
    """Return True if the instance type has a GPU, as the families p and g have."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    return family[:1] in ("p", "g") and family[1:2].isdigit()
