"""Work that uses more memory than it may: given up with a word, and its process ended."""

import os
import signal
import subprocess
import sys
import textwrap

from common.db.memory_watch import MemoryWatch
from common.memory import machine_memory, memory_of
from tests.stack import ROOT

MIB = 2**20


def test_the_memory_of_a_process_counts_what_it_started(tmp_path):
    holds = "x = bytearray(64 << 20); print(1, flush=True); input()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {holds!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert 64 * MIB < memory_of(process.pid) < 256 * MIB
        process.communicate(b"\n")
    assert memory_of(process.pid) == 0
    assert machine_memory() > 256 * MIB


def test_a_process_that_grows_says_so_and_ends():
    code = """
        import time
        from common.db.memory_watch import MemoryWatch
        from common.memory import memory_of
        import os
        with MemoryWatch(memory_of(os.getpid()) + (64 << 20), lambda: print("too large", flush=True)):
            held = []
            while True:
                held.append(bytearray(os.urandom(1 << 20)))
                time.sleep(0.002)
    """
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "console.settings"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, env=environment, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"too large\n")


def test_a_process_within_its_memory_is_left_alone():
    messages = []
    with MemoryWatch(2**40, lambda: messages.append(1)):
        bytearray(64 * MIB)
    assert not messages
