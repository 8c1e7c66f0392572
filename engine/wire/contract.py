"""AWS's own service models, as botocore ships them: which operations there are, and the shapes they take and give."""

from functools import cache

from botocore.model import OperationModel, ServiceModel

from common import aws_models

# The service as signatures name it -> as botocore names it. These are the services we have anything of.
SIGNED_AS = {
    "sagemaker": "sagemaker",
    "sts": "sts",
    "iam": "iam",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "sqs": "sqs",
}


@cache
def service(name: str) -> ServiceModel:
    """The newest model of a service, by botocore's name; read once a process."""
    return ServiceModel(aws_models.loader().load_service_model(name, "service-2"), name)


def operation(service_name: str, operation_name: str) -> OperationModel | None:
    """The operation with its input and output shapes, or None when AWS has no such operation."""
    model = service(service_name)
    return model.operation_model(operation_name) if operation_name in model.operation_names else None
