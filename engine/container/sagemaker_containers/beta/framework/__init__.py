"""The content types, encoders, errors and responses of sagemaker-containers."""

from sagemaker_containers.beta.framework import content_types, encoders, errors, worker

__all__ = ["content_types", "encoders", "env", "errors", "modules", "transformer", "worker"]
_OTHERS = ("env", "modules", "transformer")  # imported by AWS's examples, which use nothing of them


class _NotHere:
    """A module of that package of which nothing is offered: whatever is used of it says so."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str):
        raise AttributeError(f"sagemaker_containers.beta.framework.{self._name}.{attribute} is not offered here.")


env, modules, transformer = map(_NotHere, _OTHERS)
