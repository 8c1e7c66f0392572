"""What people and programs do while processes are killed: each thing until it is acknowledged."""

import contextlib
import io
import random
import tarfile
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.error import URLError

from botocore.exceptions import BotoCoreError, ClientError

from algorithms.library_imports import import_xgboost
from tests.kill.jobs import BUCKET, COLUMNS, HEADED, ROLE, Jobs, table
from tests.stack import FIRST_USER, Stack
from tests.upgrade.web_client import WebClient, controls
from tests.waiting import LIMIT

PASSWORD = "Long-enough-9x"  # noqa: S105 (of a stack that lasts minutes)
ROUNDS = 40
TAKEN = ("ResourceInUse", "Cannot create already existing")  # an earlier try got through, and its answer was lost
ROW = ",".join(["0.5"] * COLUMNS).encode()
T = TypeVar("T")


class Work:
    """Everything that is asked of one stack, and what was acknowledged."""

    def __init__(self, stack: Stack, seed: int):
        self.stack, self.seed = stack, seed
        self.jobs = Jobs(stack)
        self.hosting = stack.client("sagemaker")
        self.page = WebClient(stack.web, FIRST_USER, stack.password)
        changed = {"old_password": stack.password, "new_password1": PASSWORD, "new_password2": PASSWORD}
        self.page.post("/password/", changed)
        self.names: list[str] = []  # of training jobs made by boto3
        self.models: dict[str, bool] = {}  # made on the page, and whether they are deployed
        self.endpoints: list[str] = []  # made by boto3
        self.objects: dict[str, bytes] = {}
        self.slowest = ("", 0.0)

    def job(self, number: int) -> None:
        """Start a training job by boto3."""
        name = f"wire-{self.seed}-{number:03}"
        until_done(lambda: once(lambda: self.jobs.ask(name, ROUNDS)), name)
        self.names.append(name)

    def model(self, number: int) -> None:
        """Create a model on the page, every second one to be deployed when it is trained."""
        name, deploy = f"page-{self.seed}-{number:03}", number % 4 == 1
        fields = until_done(lambda: self._form(name), f"the form of {name}")
        if deploy:
            fields["deploy_when_done"] = "on"
        else:
            fields.pop("deploy_when_done", None)
        until_done(lambda: self._submit(name, fields), name)
        self.models[name] = deploy

    def endpoint(self, name: str, artifact: str, image: str) -> None:
        """Create an endpoint by boto3."""
        host(self.hosting, name, artifact, image)
        self.endpoints.append(name)

    def put(self, number: int) -> None:
        """Upload an object of up to 300 kB."""
        key = f"objects/{number % 7}/{number}"
        chance = random.Random(number)
        body = chance.randbytes(chance.randint(0, 300_000))
        self.upload(key, body)
        self.objects[key] = body

    def upload(self, key: str, body: bytes) -> None:
        """Upload an object."""
        until_done(lambda: self.jobs.s3.put_object(Bucket=BUCKET, Key=key, Body=body), key)

    def _form(self, name: str) -> dict[str, str]:
        page = self.page.get(f"/models/create/?data={HEADED}&name={name}&target=label")
        fields = controls(page.text, "data_uri") if page.status == 200 else {}
        if fields.get("target") != "label":
            raise NotYet(f"{page.status} {page.address}")
        return fields | {"hp-num_round": str(ROUNDS), "hp-objective": "binary:logistic"}

    def _submit(self, name: str, fields: dict[str, str]) -> None:
        page = self.page.post("/models/create/", fields)
        if page.status != 200 or not page.address.endswith(f"/models/{name}/"):
            raise NotYet(f"{page.status} {page.address} {page.text.partition('form-errors')[2][:300]}")


def host(sagemaker, name: str, artifact: str, image: str) -> None:
    """Create model, configuration and endpoint, all called `name`."""
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    container = {"Image": image, "ModelDataUrl": artifact}
    for create in (
        lambda: sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE),
        lambda: sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant]),
        lambda: sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name),
    ):
        until_done(lambda create=create: once(create), name)


class NotYet(Exception):
    """A page did not do what was asked of it, for a process is away."""


def until_done(action: Callable[[], T], what: str) -> T:
    """The result of `action`, which is tried again as long as parts of the stack are away."""
    began = time.monotonic()
    while True:
        try:
            return action()
        except (ClientError, BotoCoreError, OSError, URLError, NotYet, StopIteration) as e:
            assert time.monotonic() - began < LIMIT, f"{what} was not accepted for {LIMIT:.0f} s: {e!r}"
            time.sleep(0.3)


def once(create: Callable[[], object]) -> None:
    """Call `create`; that its name is taken is the end of an earlier try."""
    with contextlib.suppress(_Taken):
        try:
            create()
        except ClientError as e:
            if any(word in str(e) for word in TAKEN):
                raise _Taken from e
            raise


class _Taken(Exception):
    pass


def xgboost_model() -> bytes:
    """model.tar.gz of a small XGBoost model, which the gateway loads itself."""
    xgboost = import_xgboost()
    lines = [[float(cell) for cell in line.split(",")] for line in table(500, header=False).decode().split()]
    labels, rows = [line[0] for line in lines], [line[1:] for line in lines]
    import numpy as np

    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, xgboost.DMatrix(np.array(rows), labels), 20
    )
    return packed({"xgboost-model": bytes(booster.save_raw("ubj"))})


def packed(files: dict[str, bytes]) -> bytes:
    """`files` as a model archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()
