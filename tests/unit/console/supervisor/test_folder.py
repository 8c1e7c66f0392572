"""The data folder, its lock and its secrets."""

import os
import stat
import time

import pytest

from console.supervisor.folder import Folder
from console.supervisor.refusal import Refusal
from tests.unit.console.supervisor.child_stories import python


def test_the_data_folder_and_its_secrets_are_nobody_elses(folder):
    secret = folder.secret("store_key")
    assert len(secret) > 40
    assert folder.secret("store_key") == secret
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder.data, folder.run, folder.secrets)}
    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE((folder.secrets / "store_key").stat().st_mode) == 0o600


def test_a_secret_may_be_given_instead(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_STORE_KEY", "a:b")
    assert folder.secret("store_key") == "a:b"
    assert not (folder.secrets / "store_key").exists()


def test_a_second_supervisor_on_one_folder_is_refused(folder):
    code = f"""
        import time
        from pathlib import Path
        from console.supervisor.folder import Folder
        lock = Folder(Path({str(folder.data)!r})).lock(print)
        print("locked", flush=True)
        time.sleep(60)
    """
    with python(code) as other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(Refusal, match=f"process {other.pid}.*SAGEWRIGHT_DATA"):
            folder.lock(print)
        other.kill()
    os.close(folder.lock(print))


def test_the_folder_stays_taken_until_a_killed_supervisors_children_are_gone(folder):
    code = f"""
        import subprocess, sys
        from pathlib import Path
        from console.supervisor.folder import Folder
        lock = Folder(Path({str(folder.data)!r})).lock(print)
        sleep = [sys.executable, "-c", "import time; time.sleep(1.5)"]
        subprocess.Popen(sleep, pass_fds=[lock], stdout=subprocess.DEVNULL)
        print("locked", flush=True)
        import time; time.sleep(60)
    """
    messages: list[str] = []
    with python(code) as other:
        assert other.stdout.readline() == "locked\n"
        other.kill()
        other.wait()
        started = time.monotonic()
        os.close(folder.lock(messages.append))
    assert time.monotonic() - started > 0.3
    assert messages == ["waiting for the processes of an earlier, killed Sagewright to end"]


def test_a_long_path_gets_a_short_socket_that_only_we_can_reach(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = Folder(tmp_path / ("long" * 40)).socket("valkey.sock")
    assert path.parent.parent == tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.chmod(0o755)
    with pytest.raises(Refusal, match="nobody else can enter"):
        Folder(tmp_path / ("long" * 40)).socket("valkey.sock")
