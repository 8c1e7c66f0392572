"""Objectives that learn from more than a label and features are refused by name, before anything is billed."""

import pytest

from tests.corpus.cases import table

ROWS = "a,b,y\n" + "".join(f"{i % 7},{i % 11},{i % 4 + 1}\n" for i in range(200))
PLAIN = "".join(f"{i % 4 + 1},{i % 7},{i % 11}\n" for i in range(200))
CHECK = "hyperparameters.rows"


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("rank:ndcg", "groups"), ("rank:pairwise", "groups"), ("rank:map", "groups"),
        ("survival:aft", "a lower and an upper bound"), ("aft_loss_distribution", "a hyperparameter of survival:aft"),
    ],
)  # fmt: skip
def test_ranking_and_bounds_are_refused_by_name(objective, words):
    hyperparameters = {"num_round": "5", "objective": objective}
    for tried in (
        table(ROWS, target="y", hyperparameters=hyperparameters),
        table(PLAIN, target="#1", has_header=False, prepare=False, hyperparameters=hyperparameters),
    ):
        finding = tried.finding(CHECK)
        assert (finding.level, finding.field) == ("err", "hp-objective")
        assert finding.title == f"{objective} cannot learn from this table" and words in finding.text
        mended = tried.press(CHECK)
        assert "objective" not in mended.job.hyperparameters and mended.finding(CHECK).level == "ok"


def test_libsvm_may_name_groups():
    rows = "".join(f"{i % 3} qid:{i // 10 + 1} 1:{i % 7} 2:{i % 5}\n" for i in range(200))
    hyperparameters = {"num_round": "5", "objective": "rank:ndcg"}
    tried = table(rows, "t.libsvm", prepare=False, hyperparameters=hyperparameters)
    assert (CHECK, "err", "") not in tried.findings("err")


def test_cox_reads_censored_times_from_negative_labels():
    rows = "a,b,time\n" + "".join(f"{i % 7},{i % 11},{(i % 30 + 1) * (-1) ** (i % 2)}\n" for i in range(200))
    tried = table(rows, target="time", hyperparameters={"num_round": "5", "objective": "survival:cox"})
    assert tried.finding(CHECK).level == "ok" and not tried.findings("err")
    assert tried.prepared.schema["task"] == "regression"
