"""Processes that never outlive the one that started them, not even when that one is killed."""

import subprocess

# A watcher waits for the end of the shell's input, a pipe that the kernel closes with the process at its other end.
KEEPER = (
    'exec 3<&0; "$0" "$@" 3<&- & program=$!; { read -r _ <&3; kill -9 $program; } & watcher=$!;'
    " wait $program 2>/dev/null; kill $watcher 2>/dev/null"
)
# The same for a program that ends what it started when it is asked to.
WATCHER = 'read -r _; kill -INT "$0" 2>/dev/null && sleep 60 && kill -9 "$0" 2>/dev/null'


class Mortal:
    """Runs `command`, with Popen's `options`, until it ends, or `end` is called, or this process is no more."""

    def __init__(self, *command: str, **options):
        options = {"stdout": subprocess.DEVNULL} | options
        self._keeper = subprocess.Popen(["sh", "-c", KEEPER, *command], stdin=subprocess.PIPE, **options)

    @property
    def has_ended(self) -> bool:
        return self._keeper.poll() is not None

    def end(self) -> None:
        """Kill it: what a test run leaves in it is of no use to anybody."""
        self._keeper.stdin.close()
        self._keeper.wait()


class InterruptWhenOrphaned:
    """Presses Ctrl-C on the process `pid` when this process is no more, unless `cancel` was called before."""

    def __init__(self, pid: int):
        self._watcher = subprocess.Popen(["sh", "-c", WATCHER, str(pid)], stdin=subprocess.PIPE, start_new_session=True)

    def cancel(self) -> None:
        """Watch no longer. To be called before the process is collected, for its number may be given away then."""
        self._watcher.kill()
        self._watcher.wait()
        self._watcher.stdin.close()
