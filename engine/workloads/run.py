"""Runs a claimed job with the workload that fits its request."""

from common.db.claim import Claim
from engine.frameworks.images import serves_script, trains_script
from engine.jobs import runner
from engine.models import TrainingJob, TransformJob
from engine.workloads.script import ScriptWorkload
from engine.workloads.training import TrainingWorkload
from engine.workloads.transform import TransformWorkload
from engine.workloads.transform_script import ScriptTransformWorkload


def training(claim: Claim[TrainingJob]) -> None:
    """Run a claimed training job to its end. Raises ClaimLost and Unfinished."""
    kind = ScriptWorkload if trains_script(claim.row.request) else TrainingWorkload
    runner.run(kind(claim))


def transform(claim: Claim[TransformJob]) -> None:
    """Run a claimed transform job to its end. Raises ClaimLost and Unfinished."""
    container = claim.row.container
    is_script = serves_script(container["Image"], container["Environment"])
    runner.run((ScriptTransformWorkload if is_script else TransformWorkload)(claim))
