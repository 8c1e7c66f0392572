"""Keeps the checkpoints of a running job in S3, and brings them back when it starts."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from botocore.exceptions import BotoCoreError, ClientError

from common.memory import GIB
from common.s3_uri import normalize_s3_uri, split_s3_uri
from engine import store
from engine.data_source import list_objects
from engine.jobs.transfers import Transfers
from sandbox.walk import walk

INTERVAL = 5.0  # seconds between two looks at the folder
ROOT = PurePosixPath("/opt/ml")
DEFAULT = "/opt/ml/checkpoints"
TAKEN = ("input", "model", "output", "code", "tmp")  # folders of /opt/ml that have another use
TOO_LARGE = (
    "they hold {:.2f} GiB, more than the job's volume has (ResourceConfig.VolumeSizeInGB: {}). Holes in files count "
    "like data here"
)


def folder_of(config: dict, root: Path) -> Path:
    """The folder of a CheckpointConfig in a member's folder. Raises ValueError with what to give instead."""
    path = PurePosixPath(config.get("LocalPath") or DEFAULT)
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else ()
    if not parts or ".." in parts or parts[0] in TAKEN:
        raise ValueError(f"it is {path}; give {DEFAULT} or another folder of its own below {ROOT}")
    return root.joinpath(*parts)


def download(uri: str, folder: Path, transfers: Transfers, volume: int) -> int:
    """Fetch what an earlier run left at `uri` into the folder; how many files. Raises UserError."""
    folder.mkdir(parents=True, exist_ok=True)
    objects = list(list_objects({"S3DataType": "S3Prefix", "S3Uri": f"{normalize_s3_uri(uri).rstrip('/')}/"}))
    transfers.download([(folder, objects)], volume)
    return len(objects)


class CheckpointSync:
    """Uploads new and changed files while its block runs, and once more at its end.

    The job writes the files at the same time and chooses their names: links are not followed, and what is no regular
    file is left out. Files of more than `volume` bytes together, 0 for any, are not uploaded: holes take no disk here,
    and in S3 they do. A failure is noted once, and the next look tries again.
    """

    def __init__(self, root: Path, folder: Path, uri: str, volume: int, note: Callable[[str], None]):
        self._root, self._folder, self._uri, self._note = root, folder, split_s3_uri(normalize_s3_uri(uri)), note
        self._volume = volume
        self._uploaded = self._scan()  # what was just downloaded
        self._failing = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def __enter__(self) -> "CheckpointSync":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.upload()

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL):
            self.upload()

    def upload(self) -> int:
        """Upload each file that is not as it was at the last look; how many."""
        count, problem = 0, ""
        try:
            files = self._scan()
            if self._volume and (size := sum(size for size, _ in files.values())) > self._volume:
                problem, files = TOO_LARGE.format(size / GIB, self._volume >> 30), {}
            for name, state in files.items():
                try:
                    if self._uploaded.get(name) != state and self._put(name):
                        self._uploaded[name] = state
                        count += 1
                except ClientError as e:  # of this file, such as a name that is too long for S3
                    problem = str(e)
        except (BotoCoreError, OSError) as e:
            problem = str(e)
        if problem and not self._failing:
            self._note(f"Checkpoints cannot be written to S3: {problem}. It is tried again every {INTERVAL:g} s.")
        self._failing = bool(problem)
        return count

    def _scan(self) -> dict[str, tuple[int, int]]:
        """The size and the time of change of each file, by its path below the folder."""
        top = self._open_folder()
        if top is None:
            return {}
        try:
            return {
                entry.path: (entry.status.st_size, entry.status.st_mtime_ns)
                for entry in walk(top)
                if entry.path and stat.S_ISREG(entry.status.st_mode)
            }
        finally:
            os.close(top)

    def _put(self, name: str) -> bool:
        """Upload one file, unless it is gone or has become something else."""
        opened = self._open_folder()
        if opened is None:
            return False
        *folders, last = PurePosixPath(name).parts
        try:
            for folder in folders:
                inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=opened)
                os.close(opened)
                opened = inner
            file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened)
        except OSError:
            return False
        finally:
            os.close(opened)
        with os.fdopen(file, "rb") as content:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return False
            prefix = f"{self._uri.key.rstrip('/')}/" if self._uri.key else ""
            store.client().upload_fileobj(content, self._uri.bucket, prefix + name)
        return True

    def _open_folder(self) -> int | None:
        """A descriptor of the folder, None while there is none: every step to it must be a folder and no link."""
        opened = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        for part in self._folder.relative_to(self._root).parts:
            try:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=opened)
            except OSError:
                return None
            finally:
                os.close(opened)
            opened = inner
        return opened
