"""A member in a sandbox against a bare fork of the same warm zygote, per level: `python -m bench.sandbox [ROUNDS]`.

Each round starts one member of each kind, in turn, and waits for its end; the member does nothing. The memory is what
the keeper and the first process of a sandbox have for themselves while a member sleeps.
"""

import os
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
os.environ.setdefault("SAGEWRIGHT_SECRET_KEY", "bench")

import django

django.setup()

from common.process_group import children  # noqa: E402 - after Django
from engine.jobs.child import Child, Zygote  # noqa: E402
from engine.jobs.environment import inherited_environment  # noqa: E402
from engine.jobs.folder import MemberFolder  # noqa: E402
from sandbox.interpreter import own_binds  # noqa: E402
from sandbox.level import why_not  # noqa: E402
from sandbox.spec import Bind, Level, Spec  # noqa: E402

PRELOAD = ("engine.workloads.training_container:preload",)
HERE = Path(__file__).resolve().parent
ENTRY = "bench.sandbox_member:sleep"
AT_MOST = 0.035  # seconds that the sandbox may add to a bare fork


def main(rounds: int) -> None:
    levels = [level for level in Level if not why_not(level)]
    zygote = Zygote(PRELOAD)
    times: dict[str, list[float]] = {"bare": [], **{level: [] for level in levels}}
    processor = dict.fromkeys(times, 0.0)
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds + 1):
            for kind, taken in times.items():
                member = _member(Path(name, f"{kind}{number}"), kind)
                begun = time.perf_counter()
                used = _processor_time(zygote)
                child = _start(zygote, member)
                _wait(child)
                if number:  # the first round loads what is not loaded yet
                    taken.append(time.perf_counter() - begun)
                    processor[kind] += _processor_time(zygote) - used
                if child.exit_code:
                    sys.exit(f"A member of kind {kind} failed: {member.failure()}")
        for level in levels:
            memory = _helpers_memory(zygote, Path(name, f"{level}-memory"), level)
            print(f"{level:8} {memory / 2**20:.1f} MB for its helpers")
    zygote.close()
    bare = statistics.median(times["bare"])
    for kind, taken in times.items():
        middle = statistics.median(taken)
        print(
            f"{kind:8} median {middle * 1000:5.1f} ms   best {min(taken) * 1000:5.1f} ms   ratio {middle / bare:.1f}   "
            f"processor {processor[kind] / rounds * 1000:5.1f} ms"
        )
    added = statistics.median(times[levels[0]]) - bare
    print(f"The best level adds {added * 1000:.1f} ms, at most {AT_MOST * 1000:.0f} are wanted.")


def _member(root: Path, kind: str, seconds: float = 0) -> MemberFolder:
    member = MemberFolder(root)
    member.create()
    if kind == "bare":
        member.write_start(ENTRY, {}, 0, seconds=seconds)
    else:
        spec = Spec(root, environment=inherited_environment(), binds=(*own_binds(), Bind(HERE, str(HERE))))
        member.write_sandboxed_start(spec, Level(kind), ENTRY, seconds=seconds)
    return member


def _start(zygote: Zygote, member: MemberFolder) -> Child:
    output = os.open(os.devnull, os.O_WRONLY)
    try:
        return zygote.spawn(member.root, output, 0, lambda: None)
    finally:
        os.close(output)


def _wait(child: Child) -> None:
    while child.poll() is None:
        select.select([child], [], [], 1)


def _processor_time(zygote: Zygote) -> float:
    """Seconds that the zygote and what it has reaped have used; a busy machine does not change them."""
    fields = Path(f"/proc/{zygote.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _helpers_memory(zygote: Zygote, root: Path, level: Level) -> int:
    """Bytes that the processes around a member have alone."""
    child = _start(zygote, _member(root, level, seconds=1))
    time.sleep(0.5)
    helpers = [child.pid, *(children(child.pid) if level is Level.WALLED else ())]
    private = sum(_private(pid) for pid in helpers)
    _wait(child)
    return private


def _private(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty", "Private_Clean"))) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
