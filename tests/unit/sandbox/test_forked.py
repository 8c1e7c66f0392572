"""The warm process that forks sandboxes, when somebody kills it."""

import os

import pytest

from sandbox import forked
from sandbox.forked import Zygote, ZygoteEnded
from sandbox.level import available
from sandbox.spec import Limits, Spec


def test_a_warm_process_that_is_killed_is_started_again_and_then_after_a_pause(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(forked, "PAUSES", (0.0, 600.0))
    level, environment = available(), {"PATH": os.defpath}
    spec = Spec(tmp_path, environment=environment, limits=Limits(memory=2**30))
    zygote = Zygote(environment)
    end, other = os.pipe()

    def code() -> int:
        with zygote.start(spec, level, "os:fstat", end) as sandbox:
            return sandbox.wait(20)

    try:
        assert code() == 0
        zygote._process.kill()
        assert code() == 0, "a new one has taken what was asked of it"
        zygote._process.kill()
        with pytest.raises(ZygoteEnded):
            code()
        assert [record.args for record in caplog.records] == [(-9, 0.0), (-9, 600.0)]
    finally:
        zygote.close()
        os.close(end)
        os.close(other)
