"""What becomes of the rows of two classes at one threshold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """What becomes of the rows at one threshold."""

    threshold: float
    true_positives: int
    false_alarms: int
    missed: int
    passed: int  # true negatives

    @property
    def flagged(self) -> int:
        """Rows that the model takes for the positive class."""
        return self.true_positives + self.false_alarms

    @property
    def positives(self) -> int:
        """Rows of the positive class."""
        return self.true_positives + self.missed

    @property
    def negatives(self) -> int:
        """Rows of the other class."""
        return self.false_alarms + self.passed

    @property
    def precision(self) -> float:
        """The share of flagged rows that are positive, 0 without any."""
        return self.true_positives / self.flagged if self.flagged else 0.0

    @property
    def recall(self) -> float:
        """The share of positive rows that are flagged."""
        return self.true_positives / self.positives if self.positives else 0.0

    @property
    def precision_percent(self) -> str:
        """The same in percent, as text."""
        return f"{100 * self.precision:.0f}"

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        if not self.true_positives:
            return 0.0
        return 2 * self.true_positives / (2 * self.true_positives + self.false_alarms + self.missed)

    def cost(self, false_alarm: float, missed: float) -> float:
        """What the mistakes cost together."""
        return self.false_alarms * false_alarm + self.missed * missed
