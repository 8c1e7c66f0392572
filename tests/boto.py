"""boto3 for all tests: botocore's models, which take a tenth of a second of the processor to read, are read once."""

import threading
from typing import Any

import boto3

_SESSION = boto3.session.Session()
_LOCK = threading.Lock()  # a session is not made for threads


def make_client(service: str, **options: Any) -> Any:
    """A client of `service`, with the options of boto3's Session.client."""
    with _LOCK:
        return _SESSION.client(service, **options)


def make_session(*arguments: Any, **options: Any) -> boto3.session.Session:
    """A session of its own, with the options of boto3's Session, that shares the models with all others."""
    session = boto3.session.Session(*arguments, **options)
    session._session.register_component("data_loader", _SESSION._session.get_component("data_loader"))
    return session
