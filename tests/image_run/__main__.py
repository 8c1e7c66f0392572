"""`python -m tests.image_run`, as root: a class from fit to predict with what the image holds, without Docker.

The files are those that .dockerignore lets into the image, the variables those of the Dockerfile, the user is its own,
and the kernel refuses namespaces, as it does in a container. Only the database, the queue and the store are the
embedded ones. Needs a package index: the environment of scripts is installed, some 800 MB.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tests.sdk.test_class import SCRIPT
from tests.stack import ROOT, Stack

USER = 10001  # as in the Dockerfile
CONFINED = Path(__file__).with_name("confined.py")
UNUSED = ("__pycache__", "test", "tests", "site-packages", "idlelib", "tkinter", "*.a")  # of this Python
TABLE = "\n".join(["a,b,y", *(f"{n % 7},{n % 5},{2 * (n % 7) - (n % 5)}" for n in range(80))]) + "\n"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="sw-image-", dir="/var/tmp") as name:
        base = Path(name)
        base.chmod(0o755)
        app, data = base / "app", base / "data"
        copy_image(app)
        python = str(copy_python(base / "python"))
        data.mkdir(mode=0o700)
        os.chown(data, USER, USER)
        os.environ |= {
            "PYTHONPATH": sysconfig.get_path("purelib"),
            "PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}",  # uv
            "HOME": "/nonexistent",
        }
        weed = Path(sysconfig.get_path("scripts"), "weed")  # beside another Python than the one that runs
        environment = image_variables(data) | {"SAGEWRIGHT_WEED_BIN": str(weed)}
        command = (sys.executable, str(CONFINED), str(USER), python, str(app / "manage.py"))
        with Stack(data, command=command, where=app, **environment) as stack:
            return _use(stack, base)


def copy_image(app: Path) -> None:
    """Copy what .dockerignore lets into the image."""
    app.mkdir()
    for pattern in (line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")):
        for source in ROOT.glob(pattern):
            if source.is_dir():
                shutil.copytree(source, app / source.name, ignore=shutil.ignore_patterns("__pycache__", "_build"))
            else:
                shutil.copy(source, app)


def copy_python(to: Path) -> Path:
    """Copy this Python, which other users may not reach, and return its program. It finds its library beside itself."""
    shutil.copytree(sys.base_prefix, to, symlinks=True, ignore=shutil.ignore_patterns(*UNUSED))
    program = to / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    before, beside = f"{sys.base_prefix}/lib".encode(), b"$ORIGIN/../lib"
    content = program.read_bytes().replace(before + b"\0", beside.ljust(len(before) + 1, b"\0"))
    program.write_bytes(content)
    return program


def image_variables(data: Path) -> dict[str, str]:
    """The variables that the Dockerfile sets, with `data` in the place of /data."""
    (line,) = re.findall(r"^ENV (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    pairs = dict(pair.split("=", 1) for pair in line.split())
    given = ("PATH", "SAGEWRIGHT_DATA", "SAGEWRIGHT_STATIC")  # by who starts it
    return {name: value.replace("/data", str(data), 1) for name, value in pairs.items() if name not in given}


def _use(stack: Stack, base: Path) -> int:
    level = stack.manage("shell", "-v0", "-c", "from sandbox.level import available; print(available())").split()[-1]
    print(f"level: {level}", flush=True)
    work = base / "work"
    work.mkdir()
    (work / "train.csv").write_text(TABLE)
    (work / "ridge.py").write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | stack.exports
    wrong = 0 if level == "locked" else 1
    for number in (1, 2):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "ridge.py", "engine"], cwd=work, env=environment, capture_output=True, text=True
        )
        right = (done.stdout, done.returncode) == ("[1.0]\n", 0)
        print(f"fit, deploy, predict {number}: {time.monotonic() - began:.1f} s, {'right' if right else done.stderr}")
        wrong += not right
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
