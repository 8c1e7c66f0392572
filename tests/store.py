"""Starts the object store that tests keep their data in: the product's own, on a socket in a data folder."""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from console.supervisor.addresses import Addresses
from console.supervisor.folder import Folder
from console.supervisor.options import Options
from console.supervisor.processes import build
from console.supervisor.stack import compose
from console.supervisor.store import Store
from tests.mortal import Mortal


class StartedStore(NamedTuple):
    """A running store: its address as settings.STORE_URL spells it, its process, its place in the data folder.

    While `addresses` lives, no other store gets the same ports.
    """

    url: str
    process: Mortal
    store: Store
    addresses: Addresses


def start_store(folder: Path, within: float = 60, prefix: Sequence[str] = ()) -> StartedStore:
    """A store that keeps its data in the data folder `folder`, started by the command of the supervisor.

    `prefix` is a command that runs the store's own. The caller ends the process. Raises RuntimeError with the store's
    own words when it does not answer within `within` seconds.
    """
    stack = compose(Options(free_ports=True, only=("store",)), Folder(folder))
    (store,) = build(stack)
    log = folder / "store.log"
    with log.open("wb") as out:
        process = Mortal(
            *(*prefix, *store.command), cwd=store.folder, env=store.environment, stdout=out, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + within
    while not asyncio.run(store.ready.ask()):
        if process.has_ended or time.monotonic() > deadline:
            process.end()
            raise RuntimeError(f"The object store did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)
    return StartedStore(stack.store["SAGEWRIGHT_STORE_URL"], process, Store(stack.folder, stack.at.store), stack.at)
