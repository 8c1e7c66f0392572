"""botocore's models of AWS's services, read once: for the engine's contract and for every client, and kept by forks."""

import os
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.session import Session, get_session

CLIENTS = ("sagemaker", "s3", "logs", "cloudwatch", "sqs")  # of which most processes make one
OF_ALL = ("endpoints", "partitions", "sdk-default-configuration", "_retry")


class _SharedLoader(Loader):
    """Keeps what it has read, for all of this process.

    Who asks for a service gets `http` members of its own: a client of S3 strips `/{Bucket}` from the addresses of the
    operations that it calls (`botocore.handlers.remove_bucket_from_url_paths_from_model`). The rest is shared.
    """

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> dict[str, Any]:
        model: dict[str, Any] = super().load_service_model(service_name, type_name, api_version)
        if "operations" not in model:  # a set of rules for endpoints
            return model
        return model | {"operations": {n: o | {"http": dict(o["http"])} for n, o in model["operations"].items()}}


@cache
def loader() -> Loader:
    """The loader that all of this process share. Its models must not be changed."""
    return _SharedLoader()


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
