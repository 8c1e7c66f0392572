"""How many columns a sparse row may have: an index of ten digits would take gigabytes for a line of 21 bytes."""

from __future__ import annotations

MAX_COLUMNS = 2**24  # boosting takes about 350 bytes for each, so 6 GB; float32 counts no further without gaps


def index_problem(where: str, index: int) -> str:
    """Return what is wrong with `index` in `where`, the rule, and the fix."""
    return (
        f"{where} has the feature index {index:,}, and the highest that is read is {MAX_COLUMNS - 1:,}: a row has as "
        "many columns as the highest index says. Number the features from 0 or 1 without gaps, or hash them into fewer."
    )
