"""Batch transform with the model of a built-in algorithm: the workload of a CreateTransformJob request."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import algorithms
from algorithms.contract import UserError
from common.db.claim import Claim
from common.s3_uri import normalize_s3_uri
from engine.data_source import S3Object
from engine.jobs import leftovers
from engine.jobs.environment import cpus, inherited_environment
from engine.jobs.folder import MemberFolder
from engine.jobs.transfers import TransferCancelled, Transfers
from engine.jobs.workload import Ending, JobFailed, Phase, Result, Workload
from engine.models import TransformJob
from engine.records import assemble, split
from engine.records.filters import EVERYTHING
from engine.records.settings import DEFAULT_PAYLOAD, MIB, DataSettings, InputFile
from engine.serving import artifact
from engine.serving.process_limits import clean_environment
from engine.serving.schema_document import SchemaDocument
from engine.transform import work
from engine.workloads.channels import objects_of
from engine.workloads.training import memory_limit
from sandbox.interpreter import own_binds, own_program
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import Level, Limits, Spec

ENTRY = "engine.workloads.transform_container:run"
CHANNEL, SCHEMA = "transform", "schema.json"
LOOK = 0.2  # seconds between two looks at whether a program is still wanted
SEE_LOGS = "See job logs for more information. {}"
TOO_LONG = f"The job ran longer than {work.MAX_RUNTIME / 86_400:g} days. Split its input among several jobs."
Status = TransformJob.Status


class TransformWorkload(Workload[TransformJob]):
    """One transform job. It has one member, whose process asks the model."""

    log_group = metric_namespace = "/aws/sagemaker/TransformJobs"
    noun = "transform"
    max_runtime = work.MAX_RUNTIME

    def __init__(self, claim: Claim[TransformJob]):
        super().__init__(claim)
        self.request, self.container = self.job.request, self.job.container
        self.memory = memory_limit(self.request["TransformResources"]["InstanceType"])
        self.environment = {**self.container["Environment"], **self.request.get("Environment", {})}
        self.threads = 1
        self._settings = DataSettings(())
        self._objects: list[S3Object] = []

    @property
    def stop_requested(self) -> bool:
        """True once StopTransformJob was called."""
        return self.claim.status == Status.STOPPING

    def enter(self, phase: Phase) -> None:
        """Write when the job has started; the API has no names for what comes after."""
        if phase is Phase.DOWNLOADING:
            work.start(self.claim)

    def prepare(self, host: str, folder: MemberFolder, threads: int) -> None:
        """Note how many threads the member may use. What its process is, is known once the model is there."""
        self.threads = threads

    def download(self, folders: Sequence[MemberFolder], transfers: Transfers) -> None:
        """Fetch the input and the model, cut the input into requests, and describe the member's process."""
        folder = folders[0]
        source = self.request["TransformInput"]["DataSource"]["S3DataSource"]
        channel = {"ChannelName": CHANNEL, "DataSource": {"S3DataSource": source}}
        self._objects = objects_of(channel, {}, self.job.region)
        transfers.download([(folder.channel(CHANNEL), self._objects)], 0)
        files = tuple(
            InputFile(str((folder.channel(CHANNEL) / item.path).relative_to(folder.root)), f"{item.bucket}/{item.key}")
            for item in self._objects
        )
        self._settings = settings_of(self.request, files, self.workers)
        self._settings.write(folder.root)
        level = available()
        spec = Spec(folder.root, environment=clean_environment(), limits=Limits(memory=self.memory.size))
        self._run(own_program(spec, level, split.__name__, spec.inside(folder.root, level)), transfers)
        self.write_start(folder)

    @property
    def workers(self) -> int:
        """How many requests are answered at a time; a built-in model answers one, with all its threads."""
        return 1

    def write_start(self, folder: MemberFolder) -> None:
        """Fetch the model into the member's folder, and describe its process. Raises UserError."""
        algorithm = algorithms.for_image(self.container["Image"])
        if algorithm is None:
            raise UserError(f"This engine has no algorithm for the image {self.container['Image']}.")
        try:
            shutil.copytree(artifact.fetch(self.container["ModelDataUrl"]), folder.model, dirs_exist_ok=True)
        except artifact.BadArtifact as e:
            raise UserError(f"Failed to download model data from {self.container['ModelDataUrl']}. {e}") from e
        document = SchemaDocument(self.environment)
        if (schema := document.fetch()) is not None:
            folder.write_config(SCHEMA, dict(schema))
        more = {
            "algorithm": algorithm.name,
            "image": self.container["Image"],
            "response_type": algorithm.accept_header or "text/csv",
            "schema_error": document.error,
        }
        environment = self.variables() | {"OMP_NUM_THREADS": str(self.threads)}
        if available() is Level.LIMITED:  # the algorithms are ours: nothing is gained, and a process less
            folder.write_start(ENTRY, environment, 0, **more)
            return
        spec = Spec(folder.root, binds=own_binds(), environment=inherited_environment() | environment)
        folder.write_sandboxed_start(replace(spec, limits=Limits()), available(), ENTRY, **more)

    def variables(self) -> dict[str, str]:
        """The container's variables: the model's, the job's, and those that SageMaker sets in a transform job."""
        strategy = "MULTI_RECORD" if self._settings.is_multi_record else "SINGLE_RECORD"
        return {
            **self.environment,
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(self._settings.payload // MIB),
            "SAGEMAKER_BATCH_STRATEGY": strategy,
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(self._settings.workers),
        }

    def outputs(self, folders: Sequence[MemberFolder], stopped: bool) -> list[tuple[Path, str]]:
        """The output file of each input object; none of a job that was stopped, as SageMaker has it."""
        if stopped:
            return []
        target = normalize_s3_uri(self.request["TransformOutput"]["S3OutputPath"]).rstrip("/")
        assembled = folders[0].root.parent / "assembled"
        return [(assembled / f"{n}.out", f"{target}/{item.path}.out") for n, item in enumerate(self._objects)]

    def upload(self, outputs: Sequence[tuple[Path, str]], scratch: Path, transfers: Transfers) -> None:
        """Put the answers together and upload the files that are whole. Raises JobFailed if any is missing."""
        target, member = scratch / "assembled", MemberFolder(scratch / self.hosts[0])
        target.mkdir()
        level = available()
        spec = Spec(target, environment=clean_environment(), limits=Limits(memory=self.memory.size))
        words = (str(member.root), spec.inside(target, level))
        self._run(own_program(spec, level, assemble.__name__, *words, readable=[member.root]), transfers)
        transfers.upload_all([(file, uri) for file, uri in outputs if file.is_file() and not file.is_symlink()])
        self._check_whole(outputs, member, target)

    def _check_whole(self, outputs: Sequence[tuple[Path, str]], member: MemberFolder, target: Path) -> None:
        failures = [
            (number, *self._failure(number, member, target))
            for number, (file, _) in enumerate(outputs)
            if not file.is_file()
        ]
        if not failures:
            return
        number, kind, text = failures[0]
        kind = "AlgorithmError" if any(failure[1] == "AlgorithmError" for failure in failures) else kind
        raise JobFailed(kind, SEE_LOGS.format(f"{self._settings.files[number].label}: {text}"))

    def _failure(self, number: int, member: MemberFolder, target: Path) -> tuple[str, str]:
        """Whose fault it is that a file has no output, and why it has none."""
        if text := leftovers.read_file(member.root / split.FOLDER / f"{number}.error", 4096):
            return "ClientError", text
        if text := leftovers.read_file(target / f"{number}.error", 4096):
            self.notes.append(f"{self._settings.files[number].label}: {text}")
            return "ClientError", text
        try:
            status, text = json.loads(leftovers.read_file(member.output / "data" / f"{number}.error", 2**20))
            return "ClientError" if 400 <= int(status) < 500 else "AlgorithmError", str(text)
        except (ValueError, TypeError):
            return "AlgorithmError", "Its answers are not there."

    def finish(self, result: Result) -> None:
        """Write the last status and the failure's reason. Raises ClaimLost."""
        if result.ending is Ending.TIME_LIMIT:
            work.finish(self.claim, Status.FAILED, f"ClientError: {TOO_LONG}")
        elif result.ending is Ending.FAILED:
            work.finish(self.claim, Status.FAILED, result.failure_reason)
        else:
            work.finish(self.claim, Status.STOPPED if result.ending is Ending.STOPPED else Status.COMPLETED)

    def _run(self, spec: Spec, transfers: Transfers) -> None:
        """Run a program of ours to its end. Raises TransferCancelled, and JobFailed if it fails."""
        with tempfile.TemporaryFile() as printed:
            with start(spec, stdout=printed, stderr=printed) as process:
                while True:
                    try:
                        code = process.wait(LOOK)
                        break
                    except subprocess.TimeoutExpired:
                        if transfers.cancelled:
                            raise TransferCancelled from None
                if not code:
                    return
                ended = f"it used too much {process.end_reason}" if process.end_reason else f"exit code {code}"
            printed.seek(max(0, printed.seek(0, 2) - 2000))
            for line in printed.read().decode(errors="replace").splitlines():
                self.notes.append(line)
        kind = "ClientError" if process.end_reason else "InternalServerError"
        raise JobFailed(kind, f"The program that reads the records has ended: {ended}. Use smaller files or records.")


def settings_of(request: dict, files: tuple[InputFile, ...], workers: int) -> DataSettings:
    """The settings in a CreateTransformJob request, with SageMaker's defaults."""
    transform_input, output = request["TransformInput"], request["TransformOutput"]
    processing, client = request.get("DataProcessing", {}), request.get("ModelClientConfig", {})
    return DataSettings(
        files=files,
        content_type=transform_input.get("ContentType", ""),
        accept=output.get("Accept", ""),
        is_gzipped=transform_input.get("CompressionType", "None") == "Gzip",
        is_split=transform_input.get("SplitType", "None") == "Line",
        is_multi_record=request.get("BatchStrategy", "MultiRecord") == "MultiRecord",
        payload=request.get("MaxPayloadInMB", DEFAULT_PAYLOAD) * MIB,
        has_lines=output.get("AssembleWith", "None") == "Line",
        input_filter=processing.get("InputFilter") or EVERYTHING,
        output_filter=processing.get("OutputFilter") or EVERYTHING,
        joins=processing.get("JoinSource", "None") == "Input",
        timeout=client.get("InvocationsTimeoutInSeconds", 600),
        retries=client.get("InvocationsMaxRetries", 3),
        workers=workers,
    )


def concurrency(request: dict) -> int:
    """How many requests a script answers at a time: as many as were asked for, and as there are processors."""
    return max(1, min(request.get("MaxConcurrentTransforms", 1), cpus()))
