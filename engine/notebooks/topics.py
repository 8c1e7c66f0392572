"""The nudge on which the keeper looks at the rows at once."""

from common.db.nudge import nudge

TOPIC = "engine:notebooks"


def notify() -> None:
    """Have the keeper look at the rows of notebook instances once the current transaction is committed."""
    nudge(TOPIC)
