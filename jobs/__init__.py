"""A training job described once: its specification, the plan of its launch, and the same as programs. No Django."""

from jobs.spec import JobSpec

__all__ = ["JobSpec"]
