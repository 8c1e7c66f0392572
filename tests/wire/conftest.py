"""A real engine on a real socket: the control plane over a real object store, called by boto3."""

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from botocore.config import Config
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, connections

from engine.jobs import child
from engine.models import AccessKey
from tests.boto import make_client

REGION = "us-east-1"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
BUCKET = "control-tests"
KEY, SECRET = "SWKIACONTROLTESTS", "not-a-secret-of-anything"


@pytest.fixture(scope="session")
def written_tables(django_db_setup, django_db_blocker) -> list[str]:
    """The tables a test may leave rows in: all but those that `migrate` fills."""
    with django_db_blocker.unblock():
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted({*tables} - {ContentType._meta.db_table, Permission._meta.db_table})


@pytest.fixture
def transactional_db(written_tables, django_db_blocker) -> Iterator[None]:
    """What a test writes is committed, for the engine's threads read it, and deleted at the end of the test.

    Django's own flush then has `migrate` fill its tables again, which takes longer than most of these tests.
    """
    with django_db_blocker.unblock():
        yield
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), written_tables))


@pytest.fixture(scope="session")
def warm_tables() -> Iterator[None]:
    """What whole tables are read by is loaded once, as in a reader."""
    from models_app.aws import s3_store

    s3_store.whole_tables.warm_up()
    yield
    s3_store.whole_tables.close()


@pytest.fixture
def db(transactional_db) -> None:
    """Nothing here may keep what it writes to its own transaction."""


@cache  # a refusal because it is there costs as much as the rest of a short test
def _create_bucket(stored) -> None:
    with contextlib.suppress(stored.exceptions.BucketAlreadyOwnedByYou, stored.exceptions.BucketAlreadyExists):
        stored.create_bucket(Bucket=BUCKET)
        stored.put_object(Bucket=BUCKET, Key="in/train/train.csv", Body=b"1,2\n0,3\n")


@pytest.fixture
def object_store(stored):
    """The engine's own client of the object store, with the bucket BUCKET: in/train/train.csv and in/model.tar.gz."""
    _create_bucket(stored)
    stored.put_object(Bucket=BUCKET, Key="in/model.tar.gz", Body=b"not looked into here")  # tests of hosting write it
    return stored


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_) -> None:
        """Tests need no access log."""

    def handle(self) -> None:
        try:
            super().handle()
        finally:
            connections.close_all()


class Engine:
    """The control plane at `url`, and clients of it with a key of the role editor."""

    def __init__(self, url: str):
        self.url = url
        AccessKey.issue(None, AccessKey.Role.EDITOR, access_key_id=KEY, secret=SECRET)

    @staticmethod
    @cache
    def _client(url: str, service: str, region: str, key: str, secret: str, attempts: int):
        return make_client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, max_pool_connections=16),
        )

    def client(self, service: str, region: str = REGION, key: str = KEY, secret: str = SECRET, attempts: int = 3):
        return Engine._client(self.url, service, region, key, secret, attempts)


@pytest.fixture(scope="session")
def control_url() -> Iterator[str]:
    """The control plane's WSGI callable on a socket, a thread a request."""
    from engine.wsgi import application

    server = make_server("127.0.0.1", 0, application, _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="package")
def zygote() -> Iterator[None]:
    """One for the jobs of all tests, as a worker has one for all of its jobs: it loads its libraries for a second."""
    yield
    child.shut_down()


@pytest.fixture
def engine(transactional_db, object_store, control_url) -> Engine:
    return Engine(control_url)


@pytest.fixture
def sm(engine):
    return engine.client("sagemaker")
