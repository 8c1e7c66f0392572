"""Health checks that a warm process forks: the same results as of a process of their own."""

import os
import signal
from pathlib import Path

import pytest

from engine.serving import health_check
from tests.unit.algorithms import hostile
from tests.wire.gateway import models

KIB = 1024


@pytest.fixture(scope="module")
def warm():
    health_check.warm_up()
    yield health_check._zygote
    health_check.cool_down()


def check(tmp_path, content: bytes, seconds: float = 30.0) -> health_check.CheckResult:
    for name in ("model", "copy"):
        (tmp_path / name).mkdir()
    (tmp_path / "model/xgboost-model").write_bytes(content)
    return health_check.run(tmp_path / "model", "xgboost", {}, tmp_path / "copy", seconds)


def test_a_good_model_is_copied_and_answers(warm, tmp_path):
    result = check(tmp_path, bytes(models.booster().save_raw("ubj")))
    assert (result.ok, result.features, result.reason, result.isolation) == (True, 30, "", "")
    assert any((tmp_path / "copy").iterdir())
    assert len([*Path(f"/proc/{warm._process.pid}/task").iterdir()]) == 1, "it forks"


@pytest.mark.parametrize("content", [b"garbage", b"x" * 300 * KIB, hostile.crash(False)], ids=["text", "long", "crash"])
def test_a_bad_model_is_refused_in_words(warm, tmp_path, content):
    result = check(tmp_path, content)
    assert not result.ok and len(result.reason) > 20 and "Traceback" not in result.reason


def _spin_on_zeros(tree: dict, node: int) -> None:
    """Never ends for the row of zeros that the check predicts: it goes right, where a node is its own child."""
    tree["split_conditions"][0] = -1.0
    hostile.own_child(tree, node)


def test_a_model_that_takes_too_long_is_ended_and_the_next_one_answers(warm, tmp_path):
    slow, good = tmp_path / "slow", tmp_path / "good"
    slow.mkdir()
    good.mkdir()
    result = check(slow, hostile.crafted(_spin_on_zeros, has_categories=True), seconds=2)
    assert (result.ok, result.reason) == (False, "The model did not load and answer within 2 seconds.")
    assert check(good, bytes(models.booster().save_raw("ubj"))).ok


def test_without_its_warm_process_a_model_is_checked_all_the_same(warm, tmp_path):
    os.kill(warm._process.pid, signal.SIGKILL)
    warm._process.wait()
    assert check(tmp_path, bytes(models.booster().save_raw("ubj"))).ok
