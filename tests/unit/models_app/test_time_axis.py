"""The axis of charts over time."""

from datetime import UTC, datetime

import pytest

from models_app.endpoints.time_axis import canvas_of
from models_app.endpoints.traffic import SPANS, Window


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([], ["1", "0"]),
        ([1], ["1", "0"]),
        ([2], ["2", "1", "0"]),
        ([7], ["10", "5", "0"]),
        ([70], ["75", "50", "25", "0"]),
    ],
    ids=["none", "one", "two", "seven", "seventy"],
)
def test_counts_have_no_fractions(values, labels):
    end = datetime(2026, 12, 1, tzinfo=UTC)
    span = SPANS[0]
    assert canvas_of(Window(span, end - span.length, end), values)[1] == labels


def test_milliseconds_may_have_fractions():
    end = datetime(2026, 12, 1, tzinfo=UTC)
    assert canvas_of(Window(SPANS[0], end - SPANS[0].length, end), [0.5], "ms")[1][-1] == "0.0 ms"
