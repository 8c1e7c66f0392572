"""The reason of a job whose process had no room left, not even for the reason."""

import re
from types import SimpleNamespace

import pytest

from common.disk import Space
from engine.jobs.folder import MemberFolder
from engine.jobs.runner import Runner


@pytest.mark.parametrize(
    ("free", "written", "reason"),
    [
        (0, "", "InternalServerError: The disk of the machine that trains is full. Please make room on it"),
        (0, "AlgorithmError: [Errno 28] No space left", r"AlgorithmError: \[Errno 28\] No space left, exit code: 1"),
        (10**10, "", "AlgorithmError: The training process ended without saying why"),
    ],
    ids=["full", "full, and the process could write", "room"],
)
def test_a_full_disk_is_the_reason_of_a_process_that_could_not_write_its_own(
    tmp_path, monkeypatch, free, written, reason
):
    member = SimpleNamespace(
        process=SimpleNamespace(memory=0, disk=0, processes=0), exit_code=1, folder=MemberFolder(tmp_path / "member")
    )
    member.folder.create()
    (member.folder.output / "failure").write_text(written)
    monkeypatch.setattr("engine.jobs.runner.space", lambda folder: Space(free, 10**11))
    runner = Runner.__new__(Runner)
    runner.workload = SimpleNamespace(noun="training")
    text = runner._reason_of(member)
    assert re.match(reason, text), text
