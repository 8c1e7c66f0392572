"""Which AWS the SDK talks to: clients, Region, account, role and bucket. Nothing here knows an engine from Amazon."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from sagewright import environment
from sagewright.aws import account_variables
from sagewright.sdk.errors import NO_CREDENTIALS, NotConfigured

INSTANCE = Path("/opt/ml/metadata/resource-metadata.json")  # of a notebook instance
DEFAULT_ROLE = "SageMakerRole"
_DECIDING = ("AWS_", "SAGEWRIGHT_")  # the beginnings of the variables that say which account
_GONE = ("404", "NoSuchBucket", "NotFound")


class Session:
    """The account of the standard AWS variables and profiles, or of the Sagewright that runs on the data folder.

    `role` is the role that jobs and endpoints assume, `bucket` where code, data and artifacts go, `boto_session` a
    boto3 session of one's own.
    """

    def __init__(self, boto_session: Any = None, role: str = "", bucket: str = "", region: str = ""):
        self._boto_session = boto_session
        self._role = role
        self._bucket = bucket
        self._region = region
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()  # making clients of one boto3 session is not safe in threads
        self.variables, self.source = ({}, "boto_session") if boto_session else account_variables()

    def client(self, service: str) -> Any:
        """The boto3 client of `service`, made once. Safe in threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def _new_client(self, service: str) -> Any:
        from botocore.config import Config

        local = self.variables.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL", "")
        style = {"addressing_style": "path"} if local.startswith("http://") else None
        config = Config(connect_timeout=5, read_timeout=70, s3=style, retries={"mode": "standard"})
        extra = {"endpoint_url": url} if (url := self.variables.get("AWS_ENDPOINT_URL")) else {}
        return self._session.client(service, config=config, **extra)

    @cached_property
    def _session(self) -> Any:
        import boto3

        own = self._boto_session
        region = self._region or (own.region_name if own else "") or _region(self.variables)
        if own and own.region_name == region:
            return own
        if own:
            return boto3.session.Session(botocore_session=own._session, region_name=region)
        names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
        keys = {key: self.variables[name] for key, name in names.items() if name in self.variables}
        session = boto3.session.Session(region_name=region or None, **keys)
        if not session.region_name:
            raise NotConfigured(
                "There is no Region. Set AWS_DEFAULT_REGION, for example to us-east-1; for the offline engine start it "
                "with `sagewright up`."
            )
        return session

    @property
    def region(self) -> str:
        """The Region."""
        return self._session.region_name

    @cached_property
    def _identity(self) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            return self.client("sts").get_caller_identity()
        except NoCredentialsError as e:
            raise NotConfigured(NO_CREDENTIALS) from e
        except (ClientError, BotoCoreError) as e:
            raise NotConfigured(f"AWS does not say whose credentials these are: {e}") from e

    @property
    def account(self) -> str:
        """The account's number, as STS says it."""
        return self._identity["Account"]

    @cached_property
    def role(self) -> str:
        """The ARN of the role that jobs assume.

        In this order: what the session was given, SAGEWRIGHT_ROLE_ARN, the notebook instance's, the role that this
        process runs as, a role of the account that is called SageMakerRole. Raises NotConfigured without one.
        """
        if role := self._role or self._variable("ROLE_ARN"):
            return role if role.startswith("arn:") else f"arn:aws:iam::{self.account}:role/{role}"
        if INSTANCE.exists() and (role := json.loads(INSTANCE.read_text()).get("ExecutionRoleArn")):
            return role
        arn = self._identity["Arn"]
        if ":assumed-role/" in arn:
            return arn.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]
        return self._default_role(arn)

    def _default_role(self, caller: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.client("iam").get_role(RoleName=DEFAULT_ROLE)["Role"]["Arn"]
        except (ClientError, BotoCoreError):
            raise NotConfigured(
                f"{caller} is a person, not a role, and jobs need a role to run as. Set "
                "SAGEWRIGHT_ROLE_ARN=arn:aws:iam::<account>:role/<role>, or give Session(role=...)."
            ) from None

    def _variable(self, name: str) -> str:
        return environment.raw(name) or self.variables.get(f"SAGEWRIGHT_{name}", "")

    @cached_property
    def bucket(self) -> str:
        """The bucket for code, data and artifacts: SAGEWRIGHT_BUCKET, else sagemaker-REGION-ACCOUNT, made if needed."""
        if name := self._bucket or self._variable("BUCKET"):
            return name
        return self.make_bucket(f"sagemaker-{self.region}-{self.account}")

    def make_bucket(self, name: str) -> str:
        """Make the bucket `name` of this account unless it is there. Raises NotConfigured if it may not be used."""
        from botocore.exceptions import ClientError

        s3 = self.client("s3")
        try:
            s3.head_bucket(Bucket=name, ExpectedBucketOwner=self.account)
        except ClientError as e:
            if e.response["Error"]["Code"] not in _GONE:
                raise NotConfigured(
                    f"The bucket {name} may not be used: {e}. Name another one in SAGEWRIGHT_BUCKET."
                ) from e
            configuration = {"LocationConstraint": self.region}
            s3.create_bucket(
                Bucket=name, **({} if self.region == "us-east-1" else {"CreateBucketConfiguration": configuration})
            )
        return name

    def environment(self) -> dict[str, str]:
        """This process's variables, with those that lead a child process to the same account."""
        variables = os.environ | self.variables
        if self._boto_session and (credentials := self._session.get_credentials()):
            frozen = credentials.get_frozen_credentials()
            variables |= {"AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key}
            variables |= {"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {}
        try:
            return variables | {"AWS_DEFAULT_REGION": self.region, "AWS_REGION": self.region}
        except NotConfigured:
            return variables  # what needs a Region says so


def _region(variables: dict[str, str]) -> str:
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    return next((value for name in names if (value := variables.get(name) or os.environ.get(name, ""))), "")


_default: tuple[tuple, Session] | None = None


def default_session() -> Session:
    """The session that a call without one uses: the same while the variables that decide it are."""
    global _default
    deciding = os.environ | account_variables()[0]
    key = tuple(sorted((n, v) for n, v in deciding.items() if n.startswith(_DECIDING)))
    if _default is None or _default[0] != key:
        _default = (key, Session())
    return _default[1]


def unique_name(base: str) -> str:
    """`base` with the time and four random characters: a name of SageMaker's that nobody else has."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in base).strip("-") or "model"
    while "--" in letters:
        letters = letters.replace("--", "-")
    return f"{letters[:37].rstrip('-')}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
