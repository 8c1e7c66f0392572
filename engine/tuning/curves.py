"""What training jobs have reported of a tuning job's objective metric, epoch by epoch."""

from collections.abc import Sequence

from engine.jobs.metrics import read_values
from engine.models import HyperParameterTuningJob, TrainingJob
from engine.training.work import HOST, NAMESPACE
from engine.tuning.objective import objective_of, sign_of

Curve = list[float]  # one value for each epoch; larger is better, whatever the metric


def curves_of(job: HyperParameterTuningJob, children: Sequence[TrainingJob]) -> dict[int, Curve]:
    """{primary key: curve} of the training jobs."""
    _, metric = objective_of(job.request)
    sign, hosts = sign_of(job.request), {f"{child.name}/{HOST}": child.pk for child in children}
    values = read_values(job.region, NAMESPACE, metric, hosts)
    return {pk: [sign * value for value in values.get(host, ())] for host, pk in hosts.items()}
