"""Three machines on one host train together: `python -m tests.machines [--rows 300000] [--rounds 20] [--only NAME]`.

The machines are network namespaces on a bridge, each with a host name, a data folder and a trainer of its own, started
by the command of docs/several-instances.md. PostgreSQL, Redis, the object store and the gateway are reached over the
bridge alone. Prints time and memory by the number of instances, the quality beside one machine's, and what becomes of
a job that loses a member, a machine, the first machine or a cable. Needs root, iproute2, PostgreSQL and Redis.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.machines.drill import LOSSES, lose, speed
from tests.machines.network import POSSIBLE
from tests.machines.world import world


def main() -> int:
    parser = argparse.ArgumentParser(description="One job on three machines.")
    parser.add_argument("--rows", type=int, default=300_000, help="of 30 columns")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=["speed", *LOSSES], help="one part of the drill")
    options = parser.parse_args()
    if not POSSIBLE:
        print("This needs root, iproute2 and /dev/net/tun.")
        return 2
    parts: dict[str, Callable] = {"speed": lambda w: speed(w, options.rows, options.rounds)}
    parts |= {name: lambda w, name=name: lose(w, name) for name in LOSSES}
    with tempfile.TemporaryDirectory(prefix="sw-machines-") as folder, world(Path(folder), 3) as machines_world:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
        results = [part(machines_world) for name, part in parts.items() if options.only in (None, name)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
