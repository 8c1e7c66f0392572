"""The probe of a level: what it takes for a hole, and what for a sandbox in which nothing works."""

import socket
from dataclasses import replace

import pytest

from sandbox import interpreter, level, probe
from sandbox.spec import Level
from tests.unit.sandbox.conftest import LEVELS


@pytest.fixture
def port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return unused.getsockname()[1]


def test_without_a_sandbox_the_file_outside_is_a_hole(tmp_path, port):
    (tmp_path / "outside").write_text("of another job")
    assert probe.check(tmp_path / "outside", port, tmp_path) == probe.READS_OUTSIDE


def test_a_port_that_answers_is_a_hole(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as service:
        port = service.getsockname()[1]
        assert probe.check(tmp_path / "nothing", port, tmp_path) == probe.HAS_NETWORK


def test_a_folder_that_cannot_be_written_is_no_sandbox_to_work_in(tmp_path, port):
    assert probe.check(tmp_path / "nothing", port, tmp_path / "missing") == probe.NO_WRITE


def test_where_nothing_is_in_reach_and_all_works_it_holds(tmp_path, port):
    assert probe.check(tmp_path / "nothing", port, tmp_path) == 0


@pytest.mark.parametrize("strong", [one for one in LEVELS if one is not Level.LIMITED])
def test_a_sandbox_that_cannot_import_our_code_is_none(monkeypatch, strong):
    def without_packages(*arguments):
        return replace(interpreter.own_program(*arguments), environment={"PYTHONPATH": "/nowhere"})

    monkeypatch.setattr(level, "own_program", without_packages)
    assert level.why_not.__wrapped__(strong) == probe.REASONS[probe.NO_IMPORT]
