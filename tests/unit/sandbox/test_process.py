"""A sandbox from its start to its end: how it ends, what ends with it, what it may use."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from common.process_group import children
from sandbox import root, usage
from sandbox.launch import PROJECT, launch
from sandbox.spec import MIB, Bind, Door, Level, Limits, SandboxError, Spec
from tests.unit.sandbox.conftest import LEVELS
from tests.waiting import STEP, wait_for

walled = pytest.mark.skipif(Level.WALLED not in LEVELS, reason="no namespaces here")


@pytest.mark.parametrize(
    ("command", "code"), [("exit 7", 7), ("true", 0), ("kill -KILL $$", -signal.SIGKILL), ("kill -SEGV $$", -11)]
)
def test_it_ends_as_its_command_does(shell, level, command, code):
    assert shell(command, level).wait(20) == code


def test_its_folder_is_what_it_leaves(shell, level, folder):
    assert shell("echo 0.93 > score && mkdir model", level).wait(20) == 0
    assert (folder / "score").read_text() == "0.93\n"
    assert (folder / "model").is_dir()


def test_a_command_that_does_not_exist_is_an_error_of_the_start(folder, level):
    with pytest.raises(SandboxError, match="no-such-program"):
        launch(Spec(folder, ("no-such-program",), {"PATH": "/usr/bin"}), level)


def test_a_bind_that_does_not_exist_is_named(shell):
    if Level.WALLED not in LEVELS:
        pytest.skip("no namespaces here")
    with pytest.raises(SandboxError, match="/no/such/folder cannot be shown"):
        shell("true", Level.WALLED, binds=(Bind(Path("/no/such/folder"), "/opt/data"),))


def test_it_has_the_environment_it_was_given_and_no_more(shell, level, output, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY", "of-the-console")
    shell("env", level).wait(20)
    assert "PATH=/usr/bin:/bin" in output()
    assert "of-the-console" not in output()


def test_descriptors_that_are_passed_stay_open(folder, level):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = ("/usr/bin/python3", "-c", f"import os; os.write({theirs.fileno()}, b'hello')")
        with launch(Spec(folder, command), level, pass_fds=[theirs.fileno()]) as sandboxed:
            theirs.close()
            assert ours.recv(100) == b"hello"
            assert ours.recv(100) == b"", "nobody else may keep it open"
            assert sandboxed.wait(20) == 0


def test_output_ends_when_the_command_closes_it(folder, level):
    reading, writing = os.pipe()
    with launch(Spec(folder, ("/bin/sh", "-c", "echo done; exec >&- 2>&-; sleep 60")), level, stdout=writing):
        os.close(writing)
        assert os.read(reading, 100) == b"done\n"
        assert os.read(reading, 100) == b""
    os.close(reading)


# Three of these ignore SIGTERM, two left the group, one is a daemon.
STUBBORN = """
trap '' TERM
sh -c "trap '' TERM; while true; do sleep 1; done" &
setsid sh -c "trap '' TERM; while true; do sleep 1; done" &
(setsid sh -c "trap '' TERM; while true; do sleep 1; done" &)
echo ready
while true; do sleep 1; done
"""


def test_nothing_is_left_after_kill(shell, level, output):
    sandboxed = shell(STUBBORN, level)
    wait_for(lambda: "ready" in output(), "the processes")
    inside = wait_for(lambda: len(pids := usage.descendants(sandboxed.pid)) >= 5 and pids, "the descendants")
    sandboxed.terminate()
    time.sleep(0.2)
    assert sandboxed.poll() is None
    begun = time.monotonic()
    sandboxed.kill()
    assert time.monotonic() - begun < STEP  # its processes would go on for ever
    assert [pid for pid in inside if Path(f"/proc/{pid}").exists()] == []


def test_nothing_is_left_when_its_starter_is_killed(folder, level, tmp_path):
    program = (
        "import json,sys,time; from pathlib import Path; from sandbox.launch import launch\n"
        "from sandbox.spec import Level, Spec\n"
        f"s = launch(Spec(Path({str(folder)!r}), ('/bin/sh', '-c', {STUBBORN!r})), Level({str(level)!r}))\n"
        "print(s.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with starter:
        assert starter.stdout
        keeper = int(starter.stdout.readline())
        inside = wait_for(lambda: len(pids := usage.descendants(keeper)) >= 5 and pids, "the processes")
        starter.kill()
    wait_for(lambda: not [pid for pid in (keeper, *inside) if Path(f"/proc/{pid}").exists()], "all to end")


def test_daemons_end_with_the_command(shell, level):
    sandboxed = shell("setsid sleep 60 & sleep 0.1; exit 3", level)
    inside = usage.descendants(sandboxed.pid)
    assert sandboxed.wait(20) == 3
    assert [pid for pid in inside if Path(f"/proc/{pid}").exists()] == []


def test_terminate_reaches_everything_inside(shell, level, output):
    script = "trap 'echo asked; exit 0' TERM; echo ready; while true; do sleep 0.05; done"
    sandboxed = shell(f'setsid sh -c "{script}" & {script}', level)
    wait_for(lambda: output().count("ready") == 2, "both processes")
    sandboxed.terminate()
    assert sandboxed.wait(20) == 0
    assert "asked" in output()


def test_a_start_in_a_thread_outlives_the_thread(shell, level):
    sandboxed = []
    thread = threading.Thread(target=lambda: sandboxed.append(shell("sleep 0.3; exit 5", level)))
    thread.start()
    thread.join()
    assert sandboxed[0].wait(20) == 5


def test_too_much_memory_ends_it_and_is_said(shell, level):
    grow = "python3 -c \"import time; keep = [b'x' * (40 << 20) for _ in range(2)]; time.sleep(60)\""
    sandboxed = shell(f"{grow} & {grow} & {grow} & wait", level, limits=Limits(memory=150 * MIB))
    assert sandboxed.wait(30) == -signal.SIGKILL
    assert sandboxed.end_reason == "memory"
    assert sandboxed.used > 150 * MIB


def test_memory_that_forked_processes_share_counts_once(shell, level):
    share = (
        "import os, time; keep = b'x' * (60 << 20)\n"
        "for _ in range(4): os.fork() or (time.sleep(0.6), os._exit(0))\nos.wait()"
    )
    sandboxed = shell(f'python3 -c "{share}"', level, limits=Limits(memory=150 * MIB))
    assert (sandboxed.wait(30), sandboxed.end_reason) == (0, "")


def test_a_full_folder_ends_it_and_is_said(shell, level):
    fill = "for i in 1 2 3 4 5 6; do head -c 4000000 /dev/zero > file$i; done; sleep 60"
    sandboxed = shell(fill, level, limits=Limits(disk=10 * MIB))
    assert sandboxed.wait(30) == -signal.SIGKILL
    assert sandboxed.end_reason == "disk"


@walled
def test_a_folder_that_fills_after_a_rest_is_seen(shell):
    """While nothing inside uses a processor, the keeper looks rarely."""
    fill = "sleep 3; for i in 1 2 3 4 5 6; do head -c 4000000 /dev/zero > file$i; done; sleep 60"
    sandboxed = shell(fill, Level.WALLED, limits=Limits(disk=10 * MIB, memory=8192 * MIB))
    assert (sandboxed.wait(30), sandboxed.end_reason) == (-signal.SIGKILL, "disk")


@walled
def test_files_in_its_memory_count_as_memory(shell):
    fill = "for i in 1 2 3; do head -c 60000000 /dev/zero > /dev/shm/$i; done; sleep 60"
    sandboxed = shell(fill, Level.WALLED, limits=Limits(memory=150 * MIB))
    assert sandboxed.wait(30) == -signal.SIGKILL
    assert sandboxed.end_reason == "memory"


@walled
def test_two_doors_lead_to_two_services(folder, tmp_path):
    """One to a port, one to a socket file; the bytes go both ways, more than any buffer holds, and so does the end."""
    port, path = socket.create_server(("127.0.0.1", 0)), tmp_path / "service.sock"
    file = socket.socket(socket.AF_UNIX)
    file.bind(str(path))
    file.listen()
    for listening, name in ((port, b"port"), (file, b"file")):
        threading.Thread(target=_answer, args=(listening, name), daemon=True).start()
    program = """
import json, socket
answers = []
for port in (8002, 80):
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"x" * 3_000_000); s.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: s.recv(65536), b""))
        answers.append([answer[:4].decode(), len(answer)])
print(json.dumps(answers))
"""
    doors = (Door(8002, f"127.0.0.1:{port.getsockname()[1]}"), Door(80, str(path)))
    spec = Spec(folder, ("/usr/bin/python3", "-c", program), doors=doors)
    with (tmp_path / "output").open("w+") as output, launch(spec, Level.WALLED, stdout=output) as sandboxed:
        assert sandboxed.wait(30) == 0
        assert json.loads((tmp_path / "output").read_text()) == [["port", 3_000_004], ["file", 3_000_004]]
    port.close()
    file.close()


@walled
def test_a_door_whose_service_is_away_closes_the_connection(shell, output):
    connect = "import socket; s = socket.create_connection(('127.0.0.1', 8002)); print('got', s.recv(10))"
    doors = (Door(8002, "/no/such.sock"),)
    assert shell(f'python3 -c "{connect}"', Level.WALLED, doors=doors).wait(20) == 0
    assert "got b''" in output()


@walled
def test_binds_are_shown_where_they_are_wanted(shell, output, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/table.csv").write_text("1,2\n")
    binds = (Bind(tmp_path / "data", "/opt/data"), Bind(tmp_path / "data", "/home/data", writable=True))
    shell(
        "cat /opt/data/table.csv; touch /opt/data/new; touch /home/data/new && echo written", Level.WALLED, binds=binds
    ).wait(20)
    assert "1,2" in output()
    assert "Read-only file system" in output()
    assert "written" in output()


def test_what_only_its_owner_may_enter_can_be_read_where_it_is_shown(shell, level, output, tmp_path):
    """Such as a folder of packages that root has made with mode 0700, where the sandbox has a user of its own."""
    site = tmp_path / "site"
    (site / "package/data").mkdir(parents=True)
    (site / "package/data/table.csv").write_text("shown\n")
    (site / "link").symlink_to("package/data")
    (site / "key").write_text("of the owner")
    (site / "key").chmod(0o600)
    site.chmod(0o700)
    text = str(site)  # below /tmp, of which a walled sandbox has its own
    binds = (Bind(site, text), Bind(site / "package/data", f"{text}/package/data"))
    command = f"ls {text} && cat {text}/link/table.csv; touch {text}/new {text}/package/new"
    shell(command, level, binds=binds).wait(20)
    assert output().startswith("key\nlink\npackage\nshown\n"), output()
    assert site.stat().st_mode & 0o777 == 0o700
    if level is not Level.LIMITED:
        assert not (site / "new").exists() and not (site / "package/new").exists()
    if level is Level.WALLED and os.geteuid() == 0:
        shell(f"cat {text}/key", level, binds=binds).wait(20)
        assert "Permission denied" in output()


def test_code_that_only_its_owner_can_read_is_imported(shell, level, output, tmp_path):
    """As a umask of 077 leaves a whole installation: where root has made it, the sandbox has no user of its own."""
    package = tmp_path / "site/package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("print('imported as', __import__('os').geteuid())\n")
    (package / "__init__.py").chmod(0o600)
    for folder in (package, package.parent):
        folder.chmod(0o700)
    command = f"PYTHONPATH={package.parent} /usr/bin/python3 -c 'import package'; echo yes > written"
    assert shell(command, level, binds=(Bind(package.parent, str(package.parent)),)).wait(20) == 0
    assert output() == f"imported as {os.geteuid()}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a sandbox a user of its own")
@walled
def test_root_without_capabilities_writes_what_an_earlier_user_has_left(shell, folder):
    assert shell("mkdir -m 700 kept && echo 1 > kept/file && chmod 600 kept/file", Level.WALLED).wait(20) == 0
    assert (folder / "kept").stat().st_uid > 0
    assert shell("echo 2 >> kept/file && id -u", Level.WALLED, own_user=False).wait(20) == 0
    assert (folder / "kept/file").read_text() == "1\n2\n"


def test_private_keys_of_the_machine_are_not_shown(shell, output):
    for keys in ("/etc/ssl/private", "/etc/pki/tls/private"):
        assert not [name for name in root.SETTINGS if Path(keys).is_relative_to(name)]
    if Level.WALLED in LEVELS:
        shell("ls /etc/ssl /etc/ssl/certs", Level.WALLED).wait(20)
        assert "certs" in output()
        assert "private" not in output()


@walled
def test_a_link_in_the_folder_leads_no_bind_out_of_the_sandbox(shell, folder, tmp_path):
    (tmp_path / "data").mkdir()
    (folder / "code").symlink_to(tmp_path / "outside")
    with pytest.raises(SandboxError, match="/opt/ml/code is a link"):
        shell("true", Level.WALLED, binds=(Bind(tmp_path / "data", "/opt/ml/code/new"),))
    assert not (tmp_path / "outside").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a sandbox a user of its own")
@walled
def test_a_volume_keeps_its_user_and_files_with_two_names_stay_its_own(shell, tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    binds = (Bind(volume, "/home/volume", writable=True),)
    assert shell("cd /home/volume && echo 1 > one && ln one two", Level.WALLED, binds=binds).wait(20) == 0
    assert shell("cd /home/volume && echo 2 > two", Level.WALLED, binds=binds).wait(20) == 0
    assert (volume / "one").read_text() == "2\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a sandbox a user of its own")
@walled
def test_a_file_that_has_another_name_elsewhere_is_never_given_away(shell, folder, tmp_path):
    (tmp_path / "secret").write_text("of root")
    (tmp_path / "secret").chmod(0o600)
    (folder / "link").hardlink_to(tmp_path / "secret")
    assert shell("cat link", Level.WALLED).wait(20) != 0
    assert (tmp_path / "secret").stat().st_uid == 0


def test_names_inside_and_outside_are_translated(tmp_path):
    spec = Spec(tmp_path / "job", binds=(Bind(tmp_path / "code", "/opt/ml/code"),))
    assert spec.inside(tmp_path / "job/model", Level.WALLED) == "/opt/ml/model"
    assert spec.inside(tmp_path / "code/train.py", Level.WALLED) == "/opt/ml/code/train.py"
    assert spec.inside(tmp_path / "job/model", Level.LOCKED) == str(tmp_path / "job/model")
    assert spec.outside("/opt/ml/code/train.py") == tmp_path / "code/train.py"
    with pytest.raises(ValueError, match="add a bind"):
        spec.inside(Path("/etc/passwd"), Level.WALLED)


def test_a_spec_survives_json(tmp_path):
    spec = Spec(
        tmp_path, ("a", "b"), {"A": "1"}, "/tmp", "algo-2", (Bind(tmp_path, "/x", True),), (Door(1, "a:2"),), Limits(9),
        hosts={"algo-1": "127.0.0.2"},
    )  # fmt: skip
    assert Spec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def _answer(listening: socket.socket, name: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        data = b"".join(iter(lambda: connection.recv(65536), b""))
        connection.sendall(name + data)


def test_children_of_no_process_are_none():
    assert children(2**22 + 1) == set()


def test_no_bind_leads_through_a_link_that_code_can_have_made(shell, folder, tmp_path):
    if Level.WALLED not in LEVELS:
        pytest.skip("no namespaces here")
    outside = tmp_path / "outside"
    (outside / "home").mkdir(parents=True)
    owner = (outside / "home").stat().st_uid
    (folder / "made").symlink_to(outside)
    for source in (folder / "made", folder / "made" / "home"):
        with pytest.raises(SandboxError, match="made is a link"):
            shell("true", Level.WALLED, binds=(Bind(source, "/home/mine", writable=True),))
    assert (outside / "home").stat().st_uid == owner
