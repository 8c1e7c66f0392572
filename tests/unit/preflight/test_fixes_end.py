"""Pressing fixes gets somewhere: to a job without findings or to one without fixes, never back to an earlier one."""

from random import Random

import pytest

from tests.corpus.cases import table
from tests.fuzz import fixes

# Those that led back once: everything left out and taken back, a type of reading back and forth, a name forgotten in
# the wrong place, the target left out; and others.
SEEDS = (21, 29, 34, 169, 187, 524, *range(1200, 1212))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fix_leads_back(seed):
    random = Random(seed)
    fixes.press(fixes.start(random), random)


def test_the_only_column_cannot_be_left_out():
    rows = "a,y\n" + "".join(f"{i}e39,{i % 2}\n" for i in range(2, 60))
    tried = table(rows, target="y")
    finding = tried.finding("columns.large", "a")
    assert finding.level == "err" and finding.fixes == ()
    two = table(rows.replace("\n", ",1\n").replace("a,y,1", "a,y,b"), target="y")
    assert [fix.label for fix in two.finding("columns.large", "a").fixes] == ["Leave out a"]
    gone = two.press("columns.large", "a")
    assert not gone.findings("err") and all(not f.fixes for f in gone.report.of("columns.constant"))


def test_a_weight_that_is_the_only_column_is_given_back():
    rows = "a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(2, 60))
    tried = table(rows, target="y", weight="a")
    assert tried.press("columns.remaining").job.recipe.weight == ""
