"""Brings an artifact into service: a model, a configuration, an endpoint."""

from __future__ import annotations

from typing import Any

from sagewright.sdk.codecs import Codec
from sagewright.sdk.errors import EndpointFailed
from sagewright.sdk.objects import exists
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.predictor import Predictor
from sagewright.sdk.session import Session, unique_name
from sagewright.sdk.sources import PredictorInstance


def host(
    session: Session, endpoint: str, image: str, artifact: str, instance: PredictorInstance,
    environment: dict[str, str] | None = None, schema_uri: str = "", into: Predictor | None = None,
    codec: Codec | None = None,
) -> Predictor:  # fmt: skip
    """The endpoint that hosts `artifact` in `image`: a new one, or `into`, whose model it replaces.

    What was made is deleted again when a later step is refused. Raises EndpointFailed with SageMaker's reason.
    """
    from botocore.exceptions import ClientError

    name = unique_name(endpoint)
    requests = planner_of(session).ask(
        "hosting", name=name, endpoint=endpoint, image=image, artifact=artifact, role_arn=session.role,
        schema_uri=schema_uri, instance_type=instance.type, instance_count=instance.count,
        environment=environment or {},
    )  # fmt: skip
    sagemaker, undo = session.client("sagemaker"), []
    try:
        sagemaker.create_model(**requests["model"])
        undo.append(lambda: sagemaker.delete_model(ModelName=name))
        sagemaker.create_endpoint_config(**requests["config"])
        undo.append(lambda: sagemaker.delete_endpoint_config(EndpointConfigName=name))
        if into:
            sagemaker.update_endpoint(**requests["endpoint"])
        else:
            sagemaker.create_endpoint(**requests["endpoint"])
    except ClientError as e:
        for step in reversed(undo):
            step()
        raise EndpointFailed(f"{artifact} is not hosted as {endpoint}: {_reason(e)}") from e
    return into or Predictor(endpoint, session, codec)


def schema_of(session: Session, artifact: str) -> str:
    """Where the schema is that preparing a table wrote beside the job of `artifact`; "" if there is none."""
    folder = artifact.removesuffix("/output/model.tar.gz")
    uri = f"{folder}/schema.json"
    return uri if folder != artifact and exists(session, uri) else ""


def _reason(e: Any) -> str:
    message = e.response["Error"].get("Message", str(e))
    taken = " Give deploy(..., name=...) another name, or call update() of the predictor." if "exist" in message else ""
    return message + taken
