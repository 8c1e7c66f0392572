"""A process that is killed leaves no folder for good, and nobody removes one that is in use."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from common.locked_folders import make, sweep, temporary_folder

HOLD = """
import sys
from common.locked_folders import temporary_folder
with temporary_folder() as folder:
    (folder / "rows.csv").write_text("what people hold")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    """A process that holds a temporary folder, and the folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    root = Path(__file__).parents[3]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD], text=True, cwd=root, **pipes) as process:
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_killed_processs_folder_is_removed_by_the_next_and_a_held_one_is_not(holder):
    process, held = holder
    with temporary_folder() as mine:
        assert held.is_dir() and mine != held
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (held / "rows.csv").exists()
    with temporary_folder() as mine:
        assert not held.exists() and mine.is_dir()
    assert not mine.exists()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    mkdtemp, created = tempfile.mkdtemp, []

    def swept(**how):
        created.append(mkdtemp(**how))
        if len(created) == 1:
            sweep(tmp_path)
        return created[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept)
    folder, _lock = make(tmp_path)
    assert len(created) == 2 and folder == Path(created[1]) and folder.is_dir()
