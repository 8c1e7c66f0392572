"""kill -9 in the middle of a scan: another worker takes it over when the lease is up, and reads all of the table."""

import os
import signal
from pathlib import Path

import pytest

from tests.waiting import wait_for

pytestmark = pytest.mark.kill
ROWS = 4_000_000


def children(pid: int) -> list[int]:
    """The processes whose parent is `pid`."""
    results = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except OSError:
            continue  # it has just ended
        if stat and int(stat.rpartition(")")[2].split()[1]) == pid:
            results.append(int(entry.name))
    return results


def test_a_scan_goes_on_when_its_worker_dies(stack, console, tmp_path):
    table = tmp_path / "big.csv"
    with table.open("w") as file:
        file.write("age,plan,spent,churned\n")
        block = "".join(f"{i % 90},plan-{i % 7},{i * 0.37:.2f},{i % 2}\n" for i in range(20_000))
        file.writelines(block for _ in range(ROWS // 20_000))
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="scan-kill")
    s3.upload_file(str(table), "scan-kill", "big.csv")
    scan = console.scan("s3://scan-kill/big.csv")
    caught = wait_for(
        lambda: answer if (answer := console.scanned(scan))["done"] else None, "the scan to begin", stack.tail
    )
    assert caught["status"] == "Running" and caught["done"] < caught["total"] == table.stat().st_size
    worker = stack.pid("reader")
    for pid in [*children(worker), worker]:
        os.kill(pid, signal.SIGKILL)
    stack.wait_for_restart("reader", worker)
    ended = wait_for(
        lambda: answer if (answer := console.scanned(scan))["status"] not in ("Queued", "Running") else None,
        "the scan to end",
        stack.tail,
    )
    assert ended["status"] == "Done", ended
    assert (ended["attempt"], ended["rows"]) == (2, ROWS)
