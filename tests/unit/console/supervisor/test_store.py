"""The embedded store's keys, certificates, sockets and refusals."""

import os
import ssl
import stat
import subprocess
import tomllib
from pathlib import Path

from console.supervisor import launch_store, stack, store
from console.supervisor.folder import Folder
from console.supervisor.output import Lines, Output
from console.supervisor.processes import build
from tests.stack import ROOT
from tests.unit.console.supervisor.child_stories import FREE


def test_the_store_keeps_its_keys_to_itself(folder):
    embedded = store.Store(folder, 20000)
    command = embedded.command("key", "secret")
    launch_store.write_configuration(embedded.folder, isolated=True)
    assert "secret" not in " ".join(command)
    assert "-master.telemetry=false" in command
    for name in ("s3.json", "security.toml", "store.pem", "store.key"):
        assert stat.S_IMODE((embedded.folder / name).stat().st_mode) == 0o600


def test_each_start_of_the_store_has_a_certificate_and_keys_of_its_own(folder):
    """A folder of an earlier version has a security.toml without certificates, and a file can be lost or cut short."""
    embedded = store.Store(Folder(folder.data / 'in "quotes"'), 20000)
    command = embedded.command("key", "secret")
    start = [*command[: command.index(str(store.binary()))], "/bin/true"]
    (embedded.folder / "security.toml").write_text('[jwt.signing]\nkey = "old"\n')
    observed = set()
    for damage in ("", "cut", "lost"):
        if damage == "cut":
            (embedded.folder / "store.pem").write_text("")
        elif damage:
            (embedded.folder / "store.key").unlink()
        subprocess.run(start, cwd=ROOT, check=True)
        names = embedded.folder / "store.pem", embedded.folder / "store.key"
        ssl.create_default_context(cafile=names[0]).load_cert_chain(*names)  # raises unless it is one matching pair
        configuration = tomllib.loads((embedded.folder / "security.toml").read_text())
        assert configuration["grpc"]["ca"] == str(names[0])
        for server in launch_store.SERVERS:
            assert configuration["grpc"][server] == {
                **{"cert": str(names[0]), "key": str(names[1])},
                **{"allowed_commonNames": launch_store.NAME},
            }
        observed.add((names[1].read_text(), configuration["jwt"]["signing"]["key"]))
    assert len(observed) == 3


def test_the_sockets_that_a_store_leaves_in_tmp_are_those_of_its_ports(folder):
    port = 64_000 + os.getpid() % 1000  # no process of ours listens there
    mine, other = (Path(f"/tmp/seaweedfs-s3-{number}.sock") for number in (port, port - 1))
    for file in (mine, other):
        file.touch()
    try:
        store.Store(folder, port).remove_sockets()
        assert (mine.exists(), other.exists()) == (False, True)
    finally:
        other.unlink()


def test_the_line_with_which_the_store_refuses_what_it_is_given_is_known(folder):
    (store,) = (process for process in build(stack.compose(FREE, folder)) if process.name == "store")
    lines = Lines("store", Output(("store",)), store.loud, store.refusal)
    lines.feed(b"I1129 13:22:18.046072 disk_location.go:731 dir /data disk free 63.07% >= required 1.00%\n")
    assert not lines.refuses
    lines.feed(b"I1129 13:22:18.046217 disk_location.go:731 dir /data disk free 0.21% < required 1.00%\n")
    assert lines.refuses


def test_a_checksum_that_differs_is_told_to_the_caller_alone(folder, capsys):
    """The gateway sends one on purpose before the first data of a bucket."""
    (store,) = (process for process in build(stack.compose(FREE, folder)) if process.name == "store")
    lines = Lines("store", Output(("store",)), store.loud)
    lines.feed(b"W1129 13:29:31.091487 s3api_object_handlers_put.go:651 putToFiler: Checksum verification failed, a\n")
    lines.feed(b"W1129 13:29:31.091488 some.go:1 a disk is gone\n")
    assert capsys.readouterr().out == "store   | W1129 13:29:31.091488 some.go:1 a disk is gone\n"
