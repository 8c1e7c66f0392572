"""A warm, single-threaded process that forks the processes of a stack, so that each need not load the same code anew.

Run as `python -m console.zygote PARENT_PID CONTROL_FD MODULE[:FUNCTION] ... ROOM`; it sets up Django, imports the
modules and calls the functions. The control socket carries one JSON object a message: "command" (a Python command with
-m MODULE or a script), "environment", "folder", "nice", and "descriptors", the numbers that the descriptors sent along
have in the new process, of which the first is its output. The zygote responds {"ready": true} once, then {"pid": n} for
each request. The new process is a child of PARENT_PID, which must adopt orphans. It has that environment, those
descriptors and the loaded modules; of settings it has its own. Closing the socket ends the zygote, not what it forked.

The zygote's environment has only what all processes share: no key of AWS or of the store. It opens no connection and
reads no row.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from common.process_group import die_with_parent
from common.process_title import ROOM, set_command

LARGEST = 512 * 1024  # bytes of a request
DESCRIPTORS = 8  # at most, sent along with a request
SETTINGS = "console.settings"


def main() -> None:
    """Load what `sys.argv[3:]` names, then fork a process for each request, until the socket closes."""
    parent, control_fd, preload = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor handles Ctrl-C
    die_with_parent(parent)
    if preload[-1:] == [ROOM]:
        preload.pop()
        set_command([sys.executable, "-m", "console.zygote", str(parent)])
    control = socket.socket(fileno=control_fd)
    load(preload)
    gc.collect()
    gc.freeze()  # the processes share these pages; a collection would copy them
    control.send(b'{"ready": true}')
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LARGEST, DESCRIPTORS)
        if not message:
            return
        pid = _fork(parent, json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps({"pid": pid}).encode())


def load(names: list[str]) -> None:
    """Set up Django, import the modules of `names` and call their functions ("module:function")."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
    for name in names:
        module, _, function = name.partition(":")
        loaded = importlib.import_module(module)
        if function:
            getattr(loaded, function)()


def _fork(parent: int, request: dict[str, Any], descriptors: list[int]) -> int:
    """Fork the process that is asked for, as a child of `parent`: a process between us and it ends at once."""
    answer, into = os.pipe()
    between = os.fork()
    if between:
        os.close(into)
        with os.fdopen(answer, "rb") as pipe:
            pid = int(pipe.read() or 0)
        os.waitpid(between, 0)
        return pid
    try:
        between = os.getpid()
        pid = os.fork()
        if pid:
            os.write(into, str(pid).encode())
            os._exit(0)
        while os.getppid() == between:
            time.sleep(0.0005)
        _become(parent, request, descriptors)
        _run(request["command"])
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _become(parent: int, request: dict[str, Any], descriptors: list[int]) -> None:
    """Drop everything of the zygote but its loaded modules, and take what the request gives."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent(parent)
    _move_descriptors(descriptors, request["descriptors"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    os.nice(request["nice"])
    set_command(request["command"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else every process would draw the same numbers
    renew_settings()


def _move_descriptors(descriptors: list[int], numbers: list[int]) -> None:
    """Give `descriptors` their `numbers`; the first prints errors too. No other stays open but standard input."""
    free = max(*descriptors, *numbers) + 1
    waiting = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, free) for descriptor in descriptors]
    for source, number in zip(waiting, numbers, strict=True):
        os.dup2(source, number)
    os.dup2(numbers[0], 2)
    for number in {int(entry.name) for entry in Path("/proc/self/fd").iterdir()} - {0, 2, *numbers}:
        with contextlib.suppress(OSError):  # that of the listing itself has been closed
            os.close(number)


def renew_settings() -> None:
    """Have Django's settings read again: the environment is another one."""
    from django.conf import settings
    from django.utils.functional import empty

    importlib.reload(sys.modules[SETTINGS])
    settings._wrapped = empty


def _run(command: list[str]) -> None:
    """Run a Python command as Python itself would, and end the process with its exit code."""
    sys.orig_argv = command
    code = 1
    try:
        if command[1] == "-m":
            sys.argv = command[2:]
            runpy.run_module(command[2], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command[1:]
            runpy.run_path(command[1], run_name="__main__")
        code = 0
    except SystemExit as e:
        code = _exit_code(e)
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
    finally:
        # What Python does at its end, but for taking apart what was loaded: that would copy every page of it.
        with contextlib.suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()
        os._exit(code)


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
