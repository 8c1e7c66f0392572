"""Many numbers at once are known to be written as shortly as each of them is."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tables.histograms import BINS, histograms
from tables.number_texts import are_shortest, shortest_text
from tables.profile import ColumnProfile
from tests.unit.tables.test_one_classification import bounded

TEXTS = st.lists(
    st.sampled_from(["0", "-1", "1.0", "0.5", ".5", "1e5", "+3", "0.00001", "123456789012345", "1234567890123456.5"])
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.integers(-(10**16), 10**16).map(str),
    max_size=6,
)


@bounded
@given(TEXTS)
def test_numbers_that_are_written_shortest_stay_as_they_are(texts):
    if are_shortest(texts):
        assert [shortest_text(text) for text in texts] == texts
    elif len(texts) == 1 and texts[0].strip("-").isdigit() and len(texts[0]) < 15:
        assert shortest_text(texts[0]) != texts[0]


NUMBERS = st.lists(
    st.none() | st.integers(-5, 5) | st.floats(-1, 1) | st.sampled_from([1e308, -1e308, 5e-324, 1 + 2**-52, 1.0]),
    min_size=1, max_size=30,
)  # fmt: skip


@bounded
@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_histograms_of_many_columns_are_those_of_each(columns):
    rows = max(map(len, columns))
    frame = pl.DataFrame(
        {f"c{at}": [*map(float_or_none, column), *[None] * (rows - len(column))] for at, column in enumerate(columns)},
        schema={f"c{at}": pl.Float64 for at in range(len(columns))},
    )
    frame = frame[:, [column.null_count() < rows for column in frame]]
    profiles = [
        ColumnProfile(c.name, "number", min=c.min(), max=c.max(), values=None, distinct=c.n_unique()) for c in frame
    ]
    for counted, values, profile in zip(histograms(frame, profiles), frame, profiles, strict=True):
        assert counted.tolist() == histogram(values.drop_nulls().to_numpy(), profile)


def float_or_none(value: float | None) -> float | None:
    return None if value is None else float(value)


def histogram(values: np.ndarray, profile: ColumnProfile) -> list[int]:
    part = 1.0 if max(-profile.min, profile.max) < 1e300 else 0.25
    bins = min(BINS, max(1, profile.distinct))
    edges = np.unique(np.linspace(profile.min * part, profile.max * part, bins + 1))
    if len(edges) < 2:
        return [len(values)]
    inside = np.searchsorted(edges, values * part, "right").clip(1, len(edges) - 1)
    return np.bincount(inside - 1, minlength=len(edges) - 1).tolist()
