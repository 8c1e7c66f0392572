"""A warm process that forks sandboxes, so that what runs in each need not load its libraries anew.

Run as `python -m sandbox.zygote PARENT_PID DESCRIPTOR MODULE ...`; it imports the modules. The socket DESCRIPTOR, of
kind SOCK_SEQPACKET, brings one JSON object a message: "spec" and "level" of the sandbox (sandbox.spec), the "function"
("module:name") that runs inside, and the "modules" that are imported first, for this sandbox and later ones. With it
come two descriptors: the control socket of the sandbox, as sandbox.keeper has it, and a socket or file whose number the
function is called with. On the control socket, {"exit": code} comes last. Whoever has the other end of DESCRIPTOR may
ask, forks of the process that started it too; closing it ends all.

It holds no credentials and reads no file of people: nothing that it forks can leak one.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from common.process_group import die_with_parent
from sandbox.enter import enter
from sandbox.keeper import SETUP_FAILED
from sandbox.spec import Level, Spec

LARGEST = 256 * 1024  # bytes of a request


def main() -> None:
    """Load the modules of `sys.argv[3:]`, then fork a sandbox for each request until the socket closes."""
    parent, requests = int(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that starts it
    die_with_parent(parent)
    for name in sys.argv[3:]:
        import_module(name)
    gc.collect()
    gc.freeze()  # the sandboxes share these pages; a collection would copy them
    Zygote(requests).serve()


class Zygote:
    """The sandboxes that run, by the pids of their keepers, each with its control socket."""

    def __init__(self, requests: socket.socket):
        self._requests = requests
        self._controls: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Fork for every request and report every end."""
        ended, wake = os.pipe()
        os.set_blocking(ended, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        while True:
            ready = select.select([self._requests.fileno(), ended], [], [])[0]
            if self._requests.fileno() in ready and not self._start():
                return
            with suppress(BlockingIOError):
                os.read(ended, 4096)
            self._report_ends()

    def _start(self) -> bool:
        """Fork the sandbox that is asked for; False when nobody asks any more."""
        message, descriptors, _flags, _address = socket.recv_fds(self._requests, LARGEST, 2)
        if not message:
            return False
        control = socket.socket(fileno=descriptors[0])
        request, zygote = json.loads(message), os.getpid()
        for name in {*request["modules"]} - {*sys.modules}:
            with suppress(Exception):  # the function imports it again, and says what is wrong
                import_module(name)
            gc.freeze()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            _become(zygote, request, control, descriptors[1])
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.close(descriptors[1])
        self._controls[pid] = control
        return True

    def _report_ends(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                with self._controls.pop(pid) as control, suppress(OSError):
                    code = os.waitstatus_to_exitcode(status)
                    control.sendall(json.dumps({"exit": code}).encode() + b"\n", socket.MSG_DONTWAIT)


def _become(zygote: int, request: dict[str, Any], control: socket.socket, descriptor: int) -> NoReturn:
    """Enter the sandbox, whose keeper this process becomes, and run the function inside."""
    code = SETUP_FAILED
    try:
        die_with_parent(zygote, signal.SIGHUP)  # the keeper ends what is inside first
        os.setsid()
        os.umask(0o022)  # of the folders of a new root, which another user reads
        spec = Spec.from_json(request["spec"])
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nothing, number)
        enter(spec, Level(request["level"]), control.fileno(), [descriptor], control)
        _renew(spec)
        module, _, name = request["function"].partition(":")
        getattr(import_module(module), name)(descriptor)
        code = 0
    except OSError as e:
        with suppress(OSError):
            control.send(json.dumps({"error": f"{type(e).__name__}: {e}"}).encode() + b"\n")
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _renew(spec: Spec) -> None:
    """Make anew what all sandboxes would share, and import from where the sandbox shows packages."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    own_path = spec.environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [*filter(None, own_path), *(entry for entry in sys.path[1:] if entry not in own_path)]


if __name__ == "__main__":
    main()
