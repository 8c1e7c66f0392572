"""How soon a process that hangs is started again, and that a busy machine causes no restart.

    python -m bench.hung [--load 20] [--seconds 60]

Starts a stack of its own. Stops each process with SIGSTOP, one after the other, and prints the seconds until another
answers in its place; then runs `--load` processes that use every processor, and prints the restarts in that time.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time

from console.supervisor.options import NAMES
from tests.stack import Stack


def main() -> None:
    parser = argparse.ArgumentParser(description="Processes that hang, and processes that starve.")
    parser.add_argument("--load", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", default=",".join(NAMES), help="the processes to stop, separated by commas")
    options = parser.parse_args()
    with Stack() as stack:
        for name in filter(None, options.only.split(",")):
            pid, began = stack.pid(name), time.monotonic()
            os.kill(pid, signal.SIGSTOP)
            stack.wait_for_restart(name, pid)
            print(f"{name:8} answers again {time.monotonic() - began:5.1f} s after SIGSTOP", flush=True)
        time.sleep(5)  # what depends on them has settled
        before = stack.state()["restarts"]
        with contextlib.ExitStack() as running:
            for _ in range(options.load):
                process = running.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
                running.callback(process.kill)
            time.sleep(options.seconds)
            load = os.getloadavg()[0]
        after = stack.state()["restarts"]
        restarted = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        print(f"load {load:.1f} for {options.seconds:g} s: restarts {restarted or 'none'}")
        if restarted:
            print(stack.tail())


if __name__ == "__main__":
    main()
