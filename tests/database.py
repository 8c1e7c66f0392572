"""SQLite databases with every migration applied: copies of one for all processes of a run of pytest."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = "TEST_SHARED_FOLDER"  # the variable that tests.environment sets, to a folder of the run


def is_shared() -> bool:
    """True inside a run of pytest, where a migrated database costs a copy."""
    return SHARED in os.environ


def migrated_database(target: Path) -> None:
    """Write a database without any row but those of migrations to `target`, which only its owner may read."""
    if not is_shared():
        _migrate(target)
        return
    source = Path(os.environ[SHARED], "migrated.sqlite3")
    with source.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not source.exists():
            _migrate(unfinished := source.with_suffix(".unfinished"))
            unfinished.rename(source)
    target.touch(0o600)
    shutil.copyfile(source, target)


def _migrate(database: Path) -> None:
    command = (sys.executable, "manage.py", "migrate", "--verbosity", "0")
    environment = os.environ | {"SAGEWRIGHT_DATABASE_URL": f"sqlite:///{database}"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
