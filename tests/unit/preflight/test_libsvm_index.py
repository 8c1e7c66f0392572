"""Preflight names an index of LibSVM that no reader takes, before a job is sent."""

import pytest

from tests.corpus.cases import table

CHECK = "format.libsvm"
SAID = {"hyperparameters": {"num_round": "5"}, "content_types": {"train": "text/libsvm"}}
ROWS = "".join(f"{i % 2} 1:{i % 7} 2:{i % 5}\n" for i in range(200))


@pytest.mark.parametrize("index", ["16777216", "4000000000", "9" * 5000], ids=["first", "far", "long"])
def test_an_index_too_high_is_named_with_its_line_and_the_rule(index):
    tried = table(ROWS + f"1 {index}:1\n", "t.libsvm", prepare=False, **SAID)
    finding = tried.finding(CHECK)
    assert (finding.level, finding.title) == ("err", "A feature index is too high")
    assert "Line 201" in finding.text and "the highest index that is read is 16,777,215" in finding.text


def test_the_highest_index_is_read():
    tried = table(ROWS + "1 16777215:1\n", "t.libsvm", prepare=False, **SAID)
    assert tried.finding(CHECK).level == "ok"
