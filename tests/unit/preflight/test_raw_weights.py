"""The weights of a file that the container reads as it is, one row at a time."""

import numpy as np
import pytest

from preflight.raw_weights import WeightStats
from tests.corpus.cases import Table, table

SETTINGS = {"csv_weights": "1", "num_round": "5"}
ROWS = [f"{i % 2},{i % 3 + 1},{i % 7},{i % 11}" for i in range(60)]


def weighted(lines: list[str], **changes) -> Table:
    return table("\n".join(lines) + "\n", prepare=False, hyperparameters=SETTINGS, **{"weight": "#2"} | changes)


def test_weights_that_are_none_are_named_by_row_and_line():
    for cell in ("-0.5", "", "much"):
        lines = [*ROWS[:20], f"1,{cell},3,4", "", *ROWS[20:], "0,-9,3,4"]
        tried = weighted(lines)
        finding = next(f for f in tried.report.findings if f.id == "weights.second" and f.level == "err")
        count = {"-0.5": 2, "": 2, "much": 2}[cell]
        assert finding.title == f"{count} rows have no weight in the second column"
        assert (finding.row, finding.line, finding.value) == ((21, 21, cell) if cell == "-0.5" else (62, 63, "-9"))
        assert "weights.second" not in {id for id, *_ in weighted(lines).press("weights.second").findings("err")}


def test_weights_of_zero_everywhere_count_no_row():
    tried = weighted([f"{i % 2},0,{i % 7}" for i in range(60)])
    assert tried.finding("weights.second").title == "The weight of every row is 0"
    assert ("weights.second", "err", "") not in weighted(ROWS).findings("err")


def test_the_weights_of_a_request_and_of_its_validation_channel_are_looked_at():
    files = {"a/train.csv": "\n".join(ROWS).encode(), "b/held.csv": "\n".join([*ROWS[:9], "1,-2,3,4"]).encode()}
    channels = {"train": "s3://cases/a/", "validation": "s3://cases/b/"}
    request = {"channels": channels, "content_types": dict.fromkeys(channels, "text/csv"), "hyperparameters": SETTINGS}
    tried = table(files, "a/", prepare=False, **request)
    assert tried.finding("weights.second").file == "s3://cases/b/held.csv"
    files["b/held.csv"] = files["a/train.csv"]
    assert not table(files, "a/", prepare=False, **request).report.of("weights.second")


@pytest.mark.parametrize("cut", [1, 3, 7])
def test_statistics_add_up_over_blocks(cut):
    weights = np.array([1, 0, np.nan, 2, -1, np.nan, -3, 5.5])
    stats = WeightStats()
    for start in range(0, len(weights), cut):
        stats.update(weights[start : start + cut], start, "f", lambda at, start=start: 10 + start + at)
    assert (stats.missing, stats.negative, stats.max) == (2, 2, 5.5)
    assert stats.first_missing.row == 3 and stats.first_missing.line == 12
    assert (stats.first_negative.row, stats.first_negative.line, stats.first_negative.value) == (5, 14, "-1")
