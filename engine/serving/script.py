"""The parts of a model that answers with a script of its own: its files, its code, its Python environment."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings

from algorithms.spec import UserError
from common.last_use import mark_used
from common.s3_uri import is_s3_uri
from engine.frameworks import environments, images, requirements
from engine.frameworks.cage import Cage
from engine.frameworks.environments import PythonEnvironment
from engine.frameworks.locked_environment import EnvironmentUnavailable
from engine.serving import artifact
from engine.serving.served_model import ModelLoadError
from sandbox.level import own_code_allowed
from sandbox.spec import Limits, Spec

SUBMIT_DIRECTORY = "SAGEMAKER_SUBMIT_DIRECTORY"
# The SageMaker SDK's own serving code copies this folder over /lib, which is read-only in a sandbox, even an empty one.
SHARED_LIBRARIES = "shared_libs"
DISK = 10 * 1024**3  # bytes that the process may write
NOT_ALLOWED = (
    "This machine cannot wall code in, so people's own code is off here. An administrator may turn it on with "
    "SAGEWRIGHT_OWN_CODE=on."
)


@dataclass(frozen=True)
class Script:
    """A model with code of its own. `model` and `code` are unpacked archives, which must not be changed.

    `code` is None where the code is in the model's folder `code`. `fetch` fetches them all again.
    """

    model: Path
    code: Path | None
    environment: PythonEnvironment
    framework: str  # whose functions answer where the script has none
    variables: dict[str, str]
    fetch: Callable[[], "Script"]

    def renewed(self) -> "Script":
        """These parts, which count as used now, or new ones where this machine has dropped some. Raises as `fetch`."""
        folders = (self.model, self.code or self.model, self.environment.folder)
        return self if all([mark_used(folder) for folder in folders]) else self.fetch()

    @property
    def size(self) -> int:
        """The bytes of the model's files."""
        return sum(file.stat().st_size for file in self.model.rglob("*") if file.is_file())


def fetch(url: str, image: str, variables: dict[str, str], region: str) -> Script:
    """Fetch model and code from the object store, and make their environment if it is not there.

    Raises ModelLoadError, and botocore's errors when the store does not answer.
    """
    if not own_code_allowed():
        raise ModelLoadError(NOT_ALLOWED)
    framework = images.framework_of(image)
    submitted = variables.get(SUBMIT_DIRECTORY, "")
    try:
        model = artifact.fetch(url, or_last_known=True)
        code = artifact.fetch(submitted, or_last_known=True) if is_s3_uri(submitted) else None
        wanted = (code or model / "code") / "requirements.txt"
        packages = requirements.read(wanted) if wanted.is_file() else ()
        environment = environments.with_requirements(packages)
    except (UserError, artifact.BadArtifact, EnvironmentUnavailable) as e:
        raise ModelLoadError(str(e)) from e
    region_names = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION", "SAGEMAKER_REGION"), region) if region else {}
    handlers = framework.handlers if framework else "python"
    again = partial(fetch, url, image, variables, region)
    return Script(model, code, environment, handlers, {**region_names, **variables}, again)


def prepare(script: Script, folder: Path, descriptor: int) -> Spec:
    """Copy the model's and the code's files to `folder`, and describe the sandbox of a process that uses them.

    The process talks over the socket `descriptor`. Raises OSError.
    """
    for name in ("tmp", "output", "model"):
        (folder / name).mkdir()
    code = copy_files(script, folder)
    cage = Cage(folder, script.environment, Limits(memory=settings.JOB_MEMORY, disk=DISK, file_size=DISK))
    words = (cage.python, "-m", "script_toolkit.serve", str(descriptor), *words_of(script, cage, code))
    return cage.spec(words, variables_of(script, cage, folder, threads=1))


def copy_files(script: Script, folder: Path) -> Path:
    """Copy the model's files to `folder`/model, and the code's to `folder`/code; the folder with the code."""
    shutil.copytree(script.model, folder / "model", dirs_exist_ok=True)
    with suppress(OSError):
        (folder / "model" / SHARED_LIBRARIES).rmdir()
    if script.code is None:
        return folder / "model" / "code"
    shutil.copytree(script.code, folder / "code")
    return folder / "code"


def words_of(script: Script, cage: Cage, code: Path) -> tuple[str, str, str]:
    """The arguments with which script_toolkit finds the functions: framework, folder of the code, program."""
    return script.framework, cage.inside(code), script.variables.get(images.SERVED_PROGRAM, "")


def variables_of(script: Script, cage: Cage, folder: Path, threads: int) -> dict[str, str]:
    """The container's variables. The caller's own come first: they cannot replace the platform's."""
    return {
        **script.variables,
        **cage.variables(threads),
        "SM_MODEL_DIR": cage.inside(folder / "model"),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
    }
