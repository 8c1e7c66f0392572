"""Which AWS the commands talk to, and its boto3 clients."""

import os
from functools import cache
from typing import Any

from sagewright import environment
from sagewright.state import data_folder, running_stack


def choose_account() -> str:
    """Point this process's AWS variables at the account that the person means; where the choice came from, in words."""
    variables, source = account_variables()
    os.environ.update(variables)
    return source


def account_variables() -> tuple[dict[str, str], str]:
    """(the AWS variables of the account that the person means, where the choice came from, in words). Changes nothing.

    First what the person says: AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_<SERVICE>, or SAGEWRIGHT_BACKEND=aws. Then the
    Sagewright that runs on the data folder. Else whatever the standard AWS variables and profiles hold.
    """
    variables: dict[str, str] = {}
    if any(name.startswith("AWS_ENDPOINT_URL") and value for name, value in os.environ.items()):
        source = "AWS_ENDPOINT_URL"
    elif environment.raw("BACKEND") == "aws":
        source = "SAGEWRIGHT_BACKEND=aws"
    elif stack := running_stack():
        variables |= stack["environment"]
        source = f"the Sagewright that runs on {data_folder()}"
    else:
        source = "the standard AWS variables and profiles, because no Sagewright runs"
    if region := environment.raw("REGION"):
        variables["AWS_DEFAULT_REGION"] = region
    return variables, source


@cache
def client(service: str) -> Any:
    """A boto3 client by the standard AWS variables and profiles."""
    import boto3
    from botocore.config import Config

    session = boto3.session.Session()
    style = {"addressing_style": "path"} if session.client("s3").meta.endpoint_url.startswith("http://") else {}
    config = Config(connect_timeout=3, read_timeout=30, s3=style or None)
    return session.client(service, config=config)
