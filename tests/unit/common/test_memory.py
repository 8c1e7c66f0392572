"""How much memory processes use."""

import subprocess
import sys

from common.memory import machine_memory, memory_of

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
