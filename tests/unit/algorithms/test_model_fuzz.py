"""Mutated model files of every format, for a few seconds; `python -m tests.fuzz` goes on for as long as wanted."""

from tests.fuzz.parent import fuzz
from tests.fuzz.seeds import FORMATS


def test_no_mutated_model_that_a_validator_accepts_harms_its_process():
    report = fuzz(list(FORMATS), seed=1, seconds=4)
    assert not report.failures, "\n".join(report.failures)
    assert sum(count for what, count in report.outcomes.items() if what.endswith(": proven")) > 3
    assert sum(count for what, count in report.outcomes.items() if what.endswith(": refused")) > 3
