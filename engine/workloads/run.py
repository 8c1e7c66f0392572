"""Runs a claimed job with the workload that fits its request."""

from common.db.claim import Claim
from engine.frameworks.images import serves_script, trains_script
from engine.jobs import runner
from engine.jobs.helper import HelperRunner
from engine.models import Share, TrainingJob, TransformJob
from engine.training import shares
from engine.workloads.script import ScriptWorkload
from engine.workloads.training import TrainingWorkload, hosts_of
from engine.workloads.transform import TransformWorkload
from engine.workloads.transform_script import ScriptTransformWorkload


def training(claim: Claim[TrainingJob]) -> None:
    """Run a claimed training job to its end. Raises ClaimLost and Unfinished."""
    with shares.gathered(claim, hosts_of(claim.row.request)) as gang:
        runner.run(_training_kind(claim.row)(claim, gang), gang)


def share(claim: Claim[Share]) -> None:
    """Run this machine's members of a job that another one has claimed. Raises ClaimLost and Unfinished."""
    job = shares.job_of(claim)
    with shares.joined(claim) as gang:
        HelperRunner(_training_kind(job)(Claim(job), gang), gang).run()


def transform(claim: Claim[TransformJob]) -> None:
    """Run a claimed transform job to its end. Raises ClaimLost and Unfinished."""
    container = claim.row.container
    is_script = serves_script(container["Image"], container["Environment"])
    runner.run((ScriptTransformWorkload if is_script else TransformWorkload)(claim))


def _training_kind(job: TrainingJob) -> type[TrainingWorkload]:
    return ScriptWorkload if trains_script(job.request) else TrainingWorkload
