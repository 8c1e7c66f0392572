"""What a script uses inside a sandbox: more than it may have, and what scripts need.

`hostile.py` runs these, beside its own attempts.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def bomb_with_forks():
    """More than a sandbox's processes at a time."""
    pids = []
    try:
        for _ in range(400):
            if not (pid := os.fork()):
                time.sleep(30)
                os._exit(0)
            pids.append(pid)
        time.sleep(1)
    except OSError as e:
        return f"{len(pids)}: {e}"
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
    return True


def fill_tmp():
    with open("/tmp/big", "wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    return True


def write_a_huge_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("big", "wb") as file:
        for _ in range(40):
            file.write(bytes(1 << 20))
    return True


def write_many_files():
    for number in range(40):
        Path(f"file{number}").write_bytes(bytes(1 << 20))
    time.sleep(4)
    return True


def make_many_empty_files():
    """Each takes an inode, of which a disk has so many and no more."""
    for number in range(10_000):
        os.close(os.open(f"empty{number}", os.O_CREAT))
    time.sleep(4)
    return True


def make_many_links():
    for number in range(10_000):
        os.symlink("nowhere", f"link{number}")
    time.sleep(4)
    return True


def keep_memory_in_arguments():
    """A process has them where it has its stack."""
    long = ["x" * 100_000] * 15
    started = [subprocess.Popen([sys.executable, "-S", "-c", "input()", *long], stdin=-1) for _ in range(60)]
    time.sleep(2)
    return len(started) == 60


def take_much_memory():
    keep = bytearray(600 << 20)
    keep[::4096] = bytes(len(keep[::4096])).replace(b"\0", b"x")
    time.sleep(1)
    return True


def use_processes():
    import multiprocessing

    with multiprocessing.Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
    queue = multiprocessing.get_context("fork").Queue()
    queue.put("through")
    return queue.get(timeout=10) == "through"


def use_threads_and_the_rest():
    import asyncio
    import tempfile
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(abs, [-1])) == [1]
    with tempfile.NamedTemporaryFile() as file:
        assert subprocess.run(["ls", file.name], check=True, capture_output=True).stdout

    async def child():
        process = await asyncio.create_subprocess_exec("true")
        return await process.wait()

    return asyncio.run(child()) == 0


def use_opt_ml():
    Path("/opt/ml/model/written").write_text("")
    return True


def use_tmp_and_shm():
    for folder in ("/tmp", "/dev/shm"):
        path = Path(folder, f"hostile-{os.getpid()}-{time.time_ns()}")
        path.write_text("")
        path.unlink()
    return True


def use_proc():
    return bool(os.cpu_count()) and "MemTotal" in Path("/proc/meminfo").read_text() and Path("/proc/self/exe").exists()
