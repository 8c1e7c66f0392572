"""A training that is refused memory, by Python or by a library in C++, says so in words."""

import pytest

from algorithms.contract import AlgorithmFailure, UserError
from engine.workloads import training_container


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 1.00 TiB"),
        AlgorithmFailure("XGB train call failed with exception:\n std::bad_alloc"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=["Python", "XGBoost", "another library"],
)
def test_the_reason_is_memory(tmp_path, monkeypatch, error):
    (tmp_path / "output").mkdir()

    def train(root, start):
        raise error

    monkeypatch.setattr(training_container, "_train", train)
    assert training_container.run(tmp_path, {}) == training_container.CRASHED
    reason = (tmp_path / "output/failure").read_text()
    assert reason.startswith("AlgorithmError: The training process was refused memory.") and "bad_alloc" not in reason


def test_other_failures_keep_their_own_words(tmp_path, monkeypatch):
    (tmp_path / "output").mkdir()

    def train(root, start):
        raise UserError("no std::bad_alloc of ours")

    monkeypatch.setattr(training_container, "_train", train)
    training_container.run(tmp_path, {})
    assert (tmp_path / "output/failure").read_text() == "ClientError: no std::bad_alloc of ours"
