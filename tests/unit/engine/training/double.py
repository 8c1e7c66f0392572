"""An algorithm that does as it is told, and the zygote program that knows it: `do` says what, `value` how much."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import algorithms
from algorithms.contract import AlgorithmFailure, UserError
from algorithms.spec import Algorithm, Images, Metric
from engine.jobs import zygote

DOUBLE = Algorithm(
    name="double",
    title="Double",
    help="Does as it is told.",
    tasks=(),
    hyperparameters=(),
    channels=(),
    content_types=(),
    accepts=(),
    metrics=(Metric("train:loss", r".*\[[0-9]+\].*train-loss:(\S+)", "min"),),
    images=Images("double", "1", {"us-east-1": "000000000000"}),
    trainer="tests.unit.engine.training.double:train",
    predictor="",
)


def train(ctx):
    value = ctx.hyperparameters.get("value", "")
    for word in ctx.hyperparameters.get("do", "").split():
        globals()[word](ctx, value)
    (ctx.model_dir / "model").write_text("a model")


def curve(ctx, value):
    for i in range(int(value)):
        print(f"[{i}]\ttrain-loss:{1 / (i + 1)}")


def surroundings(ctx, value):
    files = {str(p.relative_to(".")): p.stat().st_size for p in Path().rglob("*") if p.is_file()}
    environment = {
        "environment": dict(os.environ),
        "cwd": str(Path.cwd()),
        "files": files,
        "nice": os.nice(0),
        "pid": os.getpid(),
    }
    environment |= {
        "session": os.getsid(0),
        "fds": sorted(p.name for p in Path("/proc/self/fd").iterdir()),
        "cpus": ctx.num_cpus,
    }
    environment["mode"] = oct(Path().stat().st_mode & 0o777)
    (ctx.output_dir / "data" / "told.json").write_text(json.dumps(environment))


def wait(ctx, value):
    print("waiting")
    time.sleep(float(value))


def wait_and_save_when_stopped(ctx, value):
    def save(*_):
        (ctx.model_dir / "model").write_text("half a model")
        sys.exit(0)

    signal.signal(signal.SIGTERM, save)
    wait(ctx, value)


def shrug(ctx, value):
    signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"no\n"))  # print is not for handlers


def daemon(ctx, value):
    """Leave a process in a session of its own, whose parent has ended, and one that it started."""
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        other = os.fork()
        _rename(value)
        os.write(1, f"daemon {value}\n".encode())
        if other == 0:
            os.setsid()
        time.sleep(600)
        os._exit(0)
    os.wait()
    time.sleep(0.5)


def eat(ctx, value):
    """Use so many MiB more, a little at a time."""
    held = []
    for _ in range(int(value) // 16):
        held.append(bytearray(os.urandom(2**20)) * 16)
        time.sleep(0.005)


def grandchild(ctx, value):
    subprocess.Popen([sys.executable, "-S", "-c", f"import time; time.sleep(300) # {value}"])
    print("started", value)


def _rename(name):
    """The name by which a process is found from outside of its sandbox, where it has another number."""
    set_name = 15
    ctypes.CDLL(None).prctl(set_name, name.encode(), 0, 0, 0)


def user_error(ctx, value):
    raise UserError("the label column has 12 text values")


def failure(ctx, value):
    raise AlgorithmFailure("framework error")


def bug(ctx, value):
    return {}["no such thing"]


def own_words(ctx, value):
    (ctx.output_dir / "failure").write_text("my own words")
    sys.exit(3)


def segfault(ctx, value):
    os.kill(os.getpid(), signal.SIGSEGV)


def killed(ctx, value):
    os.kill(os.getpid(), signal.SIGKILL)


def flood(ctx, value):
    for i in range(int(value)):
        print(f"[{i}]\ttrain-loss:{i}")


def flood_for(ctx, value):
    until, i = time.monotonic() + float(value), 0
    while time.monotonic() < until:
        print(*(f"[{i}] {i % 7} {'-' * 60}" for _ in range(100)), sep="\n", flush=True)
        i += 1


def binary(ctx, value):
    os.write(1, b"\xff\xfe\0\x1b[1m\tok\r\n\n" + b"x" * 300_000)


def slow_curve(ctx, value):
    for i in range(int(float(value) / 0.05)):
        print(f"[{i}]\ttrain-loss:{i}", flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    algorithms.ALGORITHMS["double"] = DOUBLE
    zygote.main()
