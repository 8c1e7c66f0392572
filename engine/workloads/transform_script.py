"""Batch transform with a model that answers with a script of the caller's."""

from engine.frameworks.cage import Cage
from engine.jobs.folder import MemberFolder
from engine.jobs.workload import JobFailed
from engine.serving import script
from engine.serving.script import DISK
from engine.serving.served_model import ModelLoadError
from engine.workloads.transform import TransformWorkload, concurrency
from sandbox.level import sentence
from sandbox.spec import Limits


class ScriptTransformWorkload(TransformWorkload):
    """One transform job whose model has code of its own, which runs in a sandbox."""

    @property
    def workers(self) -> int:
        """How many processes answer, each with a model of its own."""
        return concurrency(self.request)

    def write_start(self, folder: MemberFolder) -> None:
        """Fetch the model, its code and its environment, and describe the sandbox. Raises JobFailed."""
        container = self.container
        try:
            parts = script.fetch(container["ModelDataUrl"], container["Image"], self.variables(), self.job.region)
        except ModelLoadError as e:
            raise JobFailed("ClientError", f"The model cannot be loaded: {e}") from e
        code = script.copy_files(parts, folder.root)
        limits = Limits(memory=self.memory.size, file_size=DISK, disk=DISK)
        cage = Cage(folder.root, parts.environment, limits)
        self.notes.append(sentence(cage.level))
        words = (cage.python, "-m", "script_toolkit.transform", *script.words_of(parts, cage, code))
        variables = script.variables_of(parts, cage, folder.root, self.threads)
        folder.write_sandboxed_start(cage.spec(words, variables), cage.level)
