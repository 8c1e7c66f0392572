"""The Python environments of notebook instances: JupyterLab's own, and one for each kernel."""

import logging
from collections.abc import Callable
from functools import partial

from django.conf import settings

from engine.frameworks.locked_environment import LockedEnvironment

INSIDE = "/opt/notebooks"  # the folder of the environments inside an instance
log = logging.getLogger(__name__)


def _environment(name: str, title: str) -> LockedEnvironment:
    return LockedEnvironment(name, f"requirements-{name}.lock", title, settings.NOTEBOOKS_COMMAND)


SERVER = _environment("notebook-server", "JupyterLab and the AWS CLI")
SDK2 = _environment("kernel-sdk2", "the kernel with the SageMaker SDK v2")
SDK3 = _environment("kernel-sdk3", "the kernel with the SageMaker SDK v3")
ALL = (SERVER, SDK2, SDK3)


def path_inside(environment: LockedEnvironment) -> str:
    """Where an instance has the environment."""
    return f"{INSIDE}/{environment.name}"


def make_all(note: Callable[[str], object] = log.info) -> None:
    """Make what is not there yet, one after another; `note` gets a sentence before each. Raises EnvironmentUnavailable.

    Repeatable, and safe in several processes at once. It takes a minute with a quick line to the package index.
    """
    for number, environment in enumerate(ALL, 1):
        words = f"Installing {environment.title} ({number} of {len(ALL)}). This happens once on this machine."
        environment.make(partial(note, words))
