"""What a sandbox needs to run people's code: the environment, its interpreter, and the toolkit that starts it."""

from dataclasses import replace
from pathlib import Path

from engine.frameworks.environments import PythonEnvironment
from sandbox.level import available
from sandbox.spec import Bind, Level, Limits, Spec

TOOLKIT = Path(__file__).resolve().parents[1] / "container"
ENVIRONMENT, TOOLKIT_INSIDE = "/opt/environment", "/opt/toolkit"  # where they are inside
SYSTEM = "/usr/local/bin:/usr/bin:/bin"


class Cage:
    """A sandbox in the making, with names as they are inside it."""

    def __init__(self, folder: Path, environment: PythonEnvironment, limits: Limits):
        self.level: Level = available()
        home = environment.interpreter_home
        binds = [Bind(environment.folder, ENVIRONMENT), Bind(TOOLKIT, TOOLKIT_INSIDE)]
        if not home.is_relative_to("/usr"):  # the system's own is there anyway
            binds.append(Bind(home, str(home)))
        self._spec = Spec(folder=folder, binds=tuple(binds), limits=limits)
        self._python = environment.folder / "bin" / "python"

    def inside(self, path: Path) -> str:
        """The name inside of a path below the folder, the environment or the toolkit."""
        return self._spec.inside(path, self.level)

    @property
    def python(self) -> str:
        """The interpreter's name inside."""
        return f"{self.inside(self._python.parent)}/python"  # a link: its target has another name

    @property
    def base(self) -> str:
        """The name inside of the folder: /opt/ml, where names can be chosen."""
        return self.inside(self._spec.folder)

    def translate(self, text: str) -> str:
        """`text` with this sandbox's name for /opt/ml."""
        return text if self.base == "/opt/ml" else text.replace("/opt/ml", self.base)

    def variables(self, threads: int) -> dict[str, str]:
        """The variables that every program of a container has."""
        return {
            "PATH": f"{self.inside(self._python.parent)}:{SYSTEM}",
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": self.inside(TOOLKIT),
            "SAGEMAKER_BASE_DIR": self.base,
            "OMP_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "PASSIVE",  # beside other jobs, threads that spin take fifty times as long
            "HOME": self.base,
            "TMPDIR": f"{self.base}/tmp",  # noqa: S108  # the sandbox's own, on disk
        }

    def spec(self, command: tuple[str, ...], variables: dict[str, str]) -> Spec:
        """The finished sandbox."""
        return replace(self._spec, command=command, environment=variables)
