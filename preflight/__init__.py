"""What will fail or mislead, said before anything is started: one library for the form, the launch and the command.

Knows nothing of Django or boto3. A finding names the thing, the rule and the fix; `err` is kept for what will fail or
corrupt the model, everything else is `warn`.
"""

from preflight.checking import check, gather, run
from preflight.finding import Finding, Fix, Report
from preflight.fixing import applied
from preflight.world import CannotTell, Nowhere, Use, World

__all__ = [
    "CannotTell", "Finding", "Fix", "Nowhere", "Report", "Use", "World", "applied", "check", "gather", "run",
]  # fmt: skip
