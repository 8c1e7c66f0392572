"""The static files of a data folder, collected once for all stacks of a run of pytest."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from console.supervisor.folder import write_private
from console.supervisor.prepared import MARK, static_digest
from tests.database import ROOT, SHARED


def collected_static_files(target: Path) -> None:
    """Make the folder `target`, which a first start then finds as it would leave it. Only inside a run of pytest."""
    source = Path(os.environ[SHARED], "collected", "static")
    with source.parent.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (source / MARK).exists():
            command = (sys.executable, "manage.py", "collectstatic", "--no-input", "--clear", "--verbosity", "0")
            environment = os.environ | {"SAGEWRIGHT_DATA": str(source.parent)}
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
            write_private(source / MARK, static_digest())
    shutil.copytree(source, target, copy_function=os.link)
