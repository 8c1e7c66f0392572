"""What a job may leave in its folder, so that no worker fails at it: read, packed, given to a user, removed."""

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from algorithms.contract import UserError
from common.remove_folder import remove_folder
from engine.jobs import leftovers
from engine.jobs.failure import failure_reason
from engine.jobs.transfers import Transfers
from sandbox import identity
from sandbox.spec import Spec

ROOT = Path(__file__).resolve().parents[4]


def make_deep(folder: Path, levels: int = 1500, name: str = "d" * 50) -> None:
    """Folders in one another, deeper than any path can be."""
    code = f"import os; os.chdir({str(folder)!r})\nfor _ in range({levels}): os.mkdir({name!r}); os.chdir({name!r})"
    subprocess.run([sys.executable, "-c", f"{code}\nopen('file', 'w').close()"], check=True)


def as_nobody(code: str, *paths: Path) -> subprocess.CompletedProcess:
    """Run code as a user without rights, who owns `paths`."""
    if os.geteuid():
        pytest.skip("only root can be another user")
    for path in paths:
        os.chown(path, 65534, 65534)
    program = f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path\n{code}"
    # Loaded as root: the interpreter may lie where nobody else can read.
    loaded = "import engine.jobs.leftovers, common.remove_folder, engine.jobs.transfers"
    become = "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)"
    source = program.replace("\n", f"\n{loaded}; {become}\n", 1)
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, cwd=ROOT)


def owners(folder: Path) -> list[int]:
    """The owners of all that lies below a folder, by descriptors: paths would be too long."""
    code = f"""import os
os.chdir({str(folder)!r})
for _, folders, files, opened in os.fwalk("."):
    for name in (*folders, *files): print(os.stat(name, dir_fd=opened).st_uid)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


def open_parents(folder: Path) -> None:
    """Let any user pass through the folders above, which are pytest's own."""
    for parent in folder.parents:
        if parent.is_relative_to(tempfile.gettempdir()) and parent != Path(tempfile.gettempdir()):
            parent.chmod(0o711)


def test_folders_deeper_than_a_path_are_removed(tmp_path):
    (tmp_path / "job/model").mkdir(parents=True)
    make_deep(tmp_path / "job/model")
    (tmp_path / "job/0").mkdir()
    (tmp_path / "job/link").symlink_to(tmp_path)
    remove_folder(tmp_path / "job")
    assert not (tmp_path / "job").exists()
    assert tmp_path.exists()


def test_folders_deeper_than_a_path_are_given_to_a_user(tmp_path):
    make_deep(tmp_path, 200)
    user = os.getuid() or 12345
    identity.give_writable(Spec(tmp_path), identity.Identity(user, user, user))
    assert owners(tmp_path) == [user] * 201


def test_folders_that_nobody_may_enter_are_removed(tmp_path):
    (tmp_path / "job/model/in").mkdir(parents=True)
    (tmp_path / "job/model/in/file").touch()
    paths = [tmp_path / name for name in ("job/model/in/file", "job/model/in", "job/model", "job", "")]
    for path in paths[1:4]:
        path.chmod(0)
    open_parents(tmp_path)
    done = as_nobody(f"common.remove_folder.remove_folder(Path({str(tmp_path / 'job')!r}))", *paths)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "job").exists()


def test_what_nobody_may_read_is_packed(tmp_path):
    folder = tmp_path / "job"
    (folder / "model/in").mkdir(parents=True)
    (folder / "model/in/file").write_text("weights")
    paths = [tmp_path / name for name in ("job/model/in/file", "job/model/in", "job/model", "job", "")]
    for path in paths[:4]:
        path.chmod(0)
    open_parents(tmp_path)
    code = (
        f"engine.jobs.leftovers.replace_links(Path({str(folder)!r}), ['model'])\n"
        f"engine.jobs.transfers.Transfers().pack(Path({str(folder / 'model')!r}), Path({str(tmp_path / 'a.tar.gz')!r}))"
    )
    done = as_nobody(code, *paths)
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert tar.getnames() == ["in/file"]


def test_folders_too_deep_to_pack_are_the_jobs_fault(tmp_path):
    make_deep(tmp_path, 200, "d")
    with pytest.raises(UserError, match="more than 100 deep"):
        Transfers().pack(tmp_path, tmp_path / "archive")


def test_names_too_long_to_reach_are_the_jobs_fault(tmp_path):
    make_deep(tmp_path, 30, "d" * 200)
    with pytest.raises(UserError, match="shorter names"):
        Transfers().pack(tmp_path, tmp_path / "archive")


def test_holes_of_files_count_against_the_volume(tmp_path):
    (tmp_path / "model").mkdir()
    for name in "abc":
        with (tmp_path / "model" / name).open("wb") as file:
            file.truncate(2**30)
    with pytest.raises(UserError, match=r"3\.00 GiB, more than its volume has .*: 2\)"):
        Transfers().pack(tmp_path / "model", tmp_path / "archive", 2 * 2**30)


def test_pipes_sockets_and_links_are_left_out(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    os.mkfifo(model / "pipe")
    (model / "link").symlink_to("/etc/passwd")
    (model / "folder").symlink_to("/etc")
    (model / os.fsdecode(b"\xff bytes")).write_text("1")
    assert [file.name for file in leftovers.list_files(model)] == [os.fsdecode(b"\xff bytes")]
    assert Transfers().pack(model, tmp_path / "archive") == 1


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/passwd")])
def test_what_is_no_file_says_nothing(tmp_path, make):
    make(tmp_path / "failure")
    assert leftovers.read_file(tmp_path / "failure", 100) == ""


def test_a_job_cannot_blame_the_engine():
    assert failure_reason(1, "InternalServerError: it was you").startswith("AlgorithmError: InternalServerError: it")


def test_a_reason_has_no_characters_that_a_database_refuses():
    assert failure_reason(1, "bad\0thing\nred\x1b[31m") == "AlgorithmError: bad�thing\nred�[31m, exit code: 1"


def test_a_signal_without_a_name_has_its_number():
    assert "(signal 40)" in failure_reason(-40, "")
    assert f"({signal.SIGSEGV.name})" in failure_reason(-11, "")
