"""`python -m tests.notebook_cycles --count 100`: starts and stops a notebook instance, and fails if anything is left.

It takes about six seconds a cycle. Every fifth is stopped at once. JupyterLab and the kernels must be installed.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from botocore.exceptions import ClientError

from tests.stack import Stack
from tests.waiting import wait_for

ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
NAME = "cycles"
# The keeper's pool of threads fills as it is used, and each thread opens a connection to the database: what is left is
# compared with what there was after these cycles.
WARM_UP = 10
MAY_GROW = {"keeper_kib": 20 * 1024}
LIMIT = 120.0  # seconds for one step on a busy machine


def main() -> int:
    """Run the cycles; the number of things that are left."""
    parser = argparse.ArgumentParser(prog="python -m tests.notebook_cycles")
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    with Stack() as stack:
        sm = stack.client("sagemaker")
        sm.create_notebook_instance(NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=ROLE)
        assert until(sm, NAME, "InService", "Failed", within=900) == "InService", sm.describe_notebook_instance(
            NotebookInstanceName=NAME
        )
        stop(sm, at_once=False)
        keeper, before, starts, stops = stack.pid("notebooks"), {}, [], []
        for number in range(1, WARM_UP + count + 1):
            began = time.monotonic()
            sm.start_notebook_instance(NotebookInstanceName=NAME)
            assert until(sm, NAME, "InService", "Failed") == "InService", f"cycle {number}"
            starts.append(time.monotonic() - began)
            began = time.monotonic()
            stop(sm, at_once=number % 5 == 0)
            stops.append(time.monotonic() - began)
            if number == WARM_UP:
                before = left(stack)
            if number % 10 == 0:
                print(f"{number} of {WARM_UP + count}: {left(stack)}", flush=True)
        after = left(stack)
        assert stack.pid("notebooks") == keeper, "the keeper was started again"
        for name, times in (("start", starts), ("stop", stops)):
            times.sort()
            print(f"{name}: median {times[len(times) // 2]:.2f} s, longest {times[-1]:.2f} s")
        print(f"before {before}\nafter  {after}")
        grown = {name for name, number in after.items() if number > before[name] + MAY_GROW.get(name, 0)}
    print(f"left behind: {', '.join(sorted(grown)) or 'nothing'}")
    return len(grown)


def stop(sm, at_once: bool) -> None:
    """Stop the instance, and wait."""
    sm.stop_notebook_instance(NotebookInstanceName=NAME)
    if at_once and status(sm, NAME) == "Stopping":
        sm.stop_notebook_instance(NotebookInstanceName=NAME)
    assert until(sm, NAME, "Stopped", "Failed") == "Stopped"


def left(stack: Stack) -> dict[str, int]:
    """What could be left of an instance that has stopped, and what the keeper holds."""
    pid = stack.pid("notebooks")
    rss = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return {
        "processes_inside": len(inside(stack)),
        "session_folders": len(list((stack.data / "notebooks" / "sessions").glob("*"))),
        "access_keys": len(stack.client("iam").list_access_keys()["AccessKeyMetadata"]),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "keeper_descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "keeper_children": len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()),
        "keeper_threads": len(list(Path(f"/proc/{pid}/task").iterdir())),
        "keeper_kib": int(rss) * os.sysconf("SC_PAGE_SIZE") // 1024,
    }


def inside(stack: Stack) -> list[int]:
    """Every process on this machine that runs in a notebook instance of `stack`: its environment names the gateway."""
    gateway = f"AWS_ENDPOINT_URL={stack.address('gateway')}\0".encode()
    pids = []
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit():
                continue
            environment = (entry / "environ").read_bytes()
            if gateway in environment and b"JUPYTER_TOKEN=" in environment:
                pids.append(int(entry.name))
        except OSError:
            continue
    return pids


def status(sm, name: str) -> str:
    """The status of an instance, "" when there is none."""
    try:
        return sm.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"]
    except ClientError as e:
        if "RecordNotFound" in str(e):
            return ""
        raise


def until(sm, name: str, *wanted: str, within: float = LIMIT) -> str:
    """Wait until an instance has one of these statuses, and return it."""
    return wait_for(
        lambda: (status(sm, name),) if status(sm, name) in wanted else None, f"{name} {wanted}", within=within
    )[0]


if __name__ == "__main__":
    sys.exit(main())
