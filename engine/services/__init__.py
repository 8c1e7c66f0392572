"""The operations we offer: classes by service, whose methods carry boto3's names.

A method takes the call and the checked request, with AWS's member names, and answers likewise; times may be datetimes
or epoch seconds. A new operation is one more method; a new family one more class here.
"""

from engine.services.access_keys import AccessKeys
from engine.services.cloudwatch import CloudWatch
from engine.services.endpoint_configs import EndpointConfigs
from engine.services.endpoints import Endpoints
from engine.services.iam import Iam
from engine.services.logs import Logs
from engine.services.models import Models
from engine.services.notebook_lifecycle_configs import NotebookInstanceLifecycleConfigs
from engine.services.notebooks import NotebookInstances
from engine.services.queues import Queues
from engine.services.sts import Sts
from engine.services.tags import Tags
from engine.services.training_jobs import TrainingJobs
from engine.services.transform_jobs import TransformJobs
from engine.services.tuning_jobs import TuningJobs
from engine.wire import contract

SERVICES: dict[str, tuple[type, ...]] = {
    "sagemaker": (
        TrainingJobs,
        TransformJobs,
        TuningJobs,
        Models,
        EndpointConfigs,
        Endpoints,
        NotebookInstances,
        NotebookInstanceLifecycleConfigs,
        Tags,
    ),
    "sts": (Sts,),
    "iam": (Iam, AccessKeys),
    "logs": (Logs,),
    "cloudwatch": (CloudWatch,),
    "sqs": (Queues,),
}


def load_contracts() -> None:
    """Read AWS's models of these services now, not in the first caller's time. Repeatable."""
    for service in SERVICES:
        contract.service(service)
