"""The data folder: private, one supervisor at a time, with the secrets made on first need."""

import fcntl
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from console.supervisor.refusal import Refusal
from sagewright import environment as env

SOCKET_LIMIT = 100  # a unix socket's path is at most 107 bytes on Linux, 103 on macOS
TIMEOUT = 20  # seconds for what a killed supervisor left behind to end


class Folder:
    """Where everything that outlives a restart is kept.

    `data` is the folder itself; `run` holds what belongs to the running processes, `secrets` what nobody else may read.
    """

    def __init__(self, data: Path):
        self.data, self.run, self.secrets = data, data / "run", data / "secrets"
        for folder in (self.data, self.run, self.secrets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)

    def lock(self, say: Callable[[str], None]) -> int:
        """Take the folder for this supervisor and return the lock's descriptor.

        Every child inherits it, so the folder stays taken until the last of them is gone, however the supervisor ended:
        two stores on one folder would destroy it. Raises Refusal when another supervisor has it.
        """
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up, reported = time.monotonic() + TIMEOUT, False
        while not _taken(descriptor):
            owner = os.pread(descriptor, 20, 0).decode().strip()
            if _is_alive(owner):
                raise Refusal(
                    f"Sagewright already runs on {self.data} (process {owner}). Stop it with Ctrl-C where it was"
                    " started, or give this one a folder of its own with SAGEWRIGHT_DATA."
                )
            if time.monotonic() > give_up:
                raise Refusal(
                    f"Processes of an earlier Sagewright still use {self.data}. End them"
                    f" (`fuser -v {self.run / 'lock'}` lists them) and start again."
                )
            if not reported:
                say("waiting for the processes of an earlier, killed Sagewright to end")
                reported = True
            time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
        """The secret `name`: SAGEWRIGHT_<NAME> when given, else the one kept here, made on first need."""
        if value := env.raw(name.upper()):
            return value
        file = self.secrets / name
        if not file.exists():
            write_private(file, make())
        return file.read_text().strip()

    def socket(self, name: str) -> Path:
        """A path short enough for a unix socket, in a folder that only we can enter."""
        path = self.run / name
        if len(os.fsencode(path)) <= SOCKET_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        short = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"sagewright-{digest}"
        short.mkdir(mode=0o700, exist_ok=True)
        if short.is_symlink() or short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
            raise Refusal(f"{short} must be a folder of yours that nobody else can enter; remove it and start again.")
        return short / name

    @property
    def sagemaker_config(self) -> Path:
        """The defaults file of the SageMaker Python SDK, for SAGEMAKER_USER_CONFIG_OVERRIDE."""
        return self.data / "sagemaker-config.yaml"

    def write_sagemaker_config(self, bucket: str) -> None:
        """Name the SDK's default bucket.

        Without it `Session().default_bucket()` asks AWS's own STS for the account, whatever AWS_ENDPOINT_URL says, and
        most calls report to a bucket of AWS's.
        """
        settings = {"TelemetryOptOut": True, "Session": {"DefaultS3Bucket": bucket}}
        config = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": settings}}}
        write_private(self.sagemaker_config, json.dumps(config, indent=1))  # JSON is YAML

    def write_stack(self, stack: dict) -> None:
        """Tell tools what runs where: run/stack.json, replaced in one step."""
        write_private(self.run / "stack.json", json.dumps(stack, indent=1))

    def forget_stack(self) -> None:
        """Remove the file that says where this stack listens."""
        (self.run / "stack.json").unlink(missing_ok=True)


def write_private(file: Path, text: str) -> None:
    """Write `text` so that only the owner ever can read it and nobody sees half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    draft.replace(file)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True
