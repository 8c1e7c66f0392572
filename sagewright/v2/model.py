"""A model of version 2: an artifact and the image that hosts it."""

from __future__ import annotations

from typing import Any

from sagewright.sdk.hosting import host
from sagewright.sdk.session import unique_name
from sagewright.sdk.sources import PredictorInstance
from sagewright.v2.arguments import refuse_unknown
from sagewright.v2.predictor import Predictor
from sagewright.v2.session import Session
from sagewright.v2.transformer import Transformer


class Model:
    """What `deploy` hosts."""

    predictor_class: Any = Predictor

    def __init__(
        self, image_uri: str, model_data: str | None = None, role: str | None = None,
        predictor_cls: Any = None, env: dict[str, str] | None = None, name: str | None = None,
        sagemaker_session: Session | None = None, **extra: Any,
    ):  # fmt: skip
        refuse_unknown(type(self).__name__, extra)
        self.image_uri, self.model_data, self.role, self.name = image_uri, model_data, role, name
        self.env = dict(env or {})
        self.sagemaker_session = sagemaker_session or Session()
        self.predictor_cls = predictor_cls or self.predictor_class

    def environment(self) -> dict[str, str]:
        """The variables of the container."""
        return self.env

    def create(self) -> str:
        """Create the model at SageMaker; its name."""
        name = unique_name(self.name or "model")
        container = {"Image": self.image_uri, "ModelDataUrl": self.model_data or "", "Environment": self.environment()}
        self.sagemaker_session.sagemaker_client.create_model(
            ModelName=name,
            ExecutionRoleArn=self.role or self.sagemaker_session.core.role,
            PrimaryContainer=container,
        )
        return name

    def transformer(self, instance_count: int = 1, instance_type: str = "ml.m5.large", **more: Any) -> Transformer:
        """What transforms records with the model, which is created at SageMaker now."""
        options = {"sagemaker_session": self.sagemaker_session, **more}
        return Transformer(self.create(), instance_count, instance_type, **options)

    def deploy(
        self, initial_instance_count: int = 1, instance_type: str = "ml.m5.large", serializer: Any = None,
        deserializer: Any = None, endpoint_name: str | None = None, wait: bool = True, **extra: Any,
    ) -> Any:  # fmt: skip
        """An endpoint that hosts the model; its predictor."""
        refuse_unknown(f"{type(self).__name__}.deploy", extra)
        session = self.sagemaker_session.core
        if self.role:
            session._role = self.role
        name = endpoint_name or unique_name(self.name or "endpoint")
        instance = PredictorInstance(instance_type, initial_instance_count)
        hosted = host(session, name, self.image_uri, self.model_data or "", instance, self.environment())
        if wait:
            hosted.wait()
        converters = {"serializer": serializer, "deserializer": deserializer}
        chosen = {key: value for key, value in converters.items() if value is not None}
        return self.predictor_cls(name, sagemaker_session=self.sagemaker_session, **chosen)
