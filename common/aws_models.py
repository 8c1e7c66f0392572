"""botocore's models of AWS's services, read once: for the engine's contract and for every client, and kept by forks."""

import os
from functools import cache

from botocore.loaders import Loader
from botocore.session import Session, get_session

CLIENTS = ("sagemaker", "s3", "logs", "cloudwatch", "sqs")  # of which most processes make one
OF_ALL = ("endpoints", "partitions", "sdk-default-configuration", "_retry")


@cache
def loader() -> Loader:
    """The loader that all of this process share; it keeps what it has read. Its models must not be changed."""
    return Loader()


def session() -> Session:
    """A session of botocore with that loader, unless a person's AWS_DATA_PATH names models of their own."""
    new_session = get_session()
    if not os.environ.get("AWS_DATA_PATH"):
        new_session.register_component("data_loader", loader())
    return new_session


def load() -> None:
    """Read what most clients need, before a fork. Repeatable."""
    for service in CLIENTS:
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader().load_service_model(service, kind)
    for name in OF_ALL:
        loader().load_data(name)
