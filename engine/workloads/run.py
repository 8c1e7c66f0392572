"""Runs a claimed training job with the workload that fits its request."""

from common.db.claim import Claim
from engine.frameworks.images import trains_script
from engine.jobs import runner
from engine.models import TrainingJob
from engine.workloads.script import ScriptWorkload
from engine.workloads.training import TrainingWorkload


def training(claim: Claim[TrainingJob]) -> None:
    """Run a claimed training job to its end. Raises ClaimLost and Unfinished."""
    kind = ScriptWorkload if trains_script(claim.row.request) else TrainingWorkload
    runner.run(kind(claim))
