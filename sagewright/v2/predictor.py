"""The predictor of version 2."""

from __future__ import annotations

from typing import Any

from sagewright.sdk import predictor as core
from sagewright.v2.arguments import refuse_unknown
from sagewright.v2.deserializers import BaseDeserializer, BytesDeserializer
from sagewright.v2.serializers import BaseSerializer, IdentitySerializer
from sagewright.v2.session import Session


class Predictor:
    """An endpoint with a serializer and a deserializer."""

    def __init__(
        self, endpoint_name: str, sagemaker_session: Session | None = None, serializer: BaseSerializer | None = None,
        deserializer: BaseDeserializer | None = None, **extra: Any,
    ):  # fmt: skip
        refuse_unknown(type(self).__name__, extra)
        self.endpoint_name = endpoint_name
        self.sagemaker_session = sagemaker_session or Session()
        self.serializer = serializer or IdentitySerializer()
        self.deserializer = deserializer or BytesDeserializer()
        self._core = core.Predictor(endpoint_name, self.sagemaker_session.core)

    @property
    def endpoint(self) -> str:
        """The endpoint's name, as programs of version 1 call it."""
        return self.endpoint_name

    def predict(self, data: Any, initial_args: dict[str, Any] | None = None) -> Any:
        """The answer to `data`. Raises PredictionFailed with the reason of the container."""
        body = self.serializer.serialize(data)
        arguments = {"ContentType": self.serializer.content_type, **(initial_args or {})}
        raw = body if isinstance(body, bytes) else str(body).encode()
        accept = self.deserializer.accept
        accept = accept if isinstance(accept, str) else ", ".join(accept)
        answer = self._core._invoke(raw, arguments["ContentType"], arguments.get("Accept", accept))
        return self.deserializer.deserialize(answer["Body"].read(), answer.get("ContentType", ""))

    def delete_endpoint(self, delete_endpoint_config: bool = True) -> None:
        """Delete the endpoint and, unless told otherwise, its configuration."""
        sagemaker = self.sagemaker_session.sagemaker_client
        config = self._core.describe()["EndpointConfigName"]
        self._models = self._core._parts()[1]
        sagemaker.delete_endpoint(EndpointName=self.endpoint_name)
        if delete_endpoint_config:
            sagemaker.delete_endpoint_config(EndpointConfigName=config)

    def delete_model(self) -> None:
        """Delete the models that the endpoint hosts, or hosted until `delete_endpoint`."""
        models = getattr(self, "_models", None) or self._core._parts()[1]
        for name in models:
            self.sagemaker_session.sagemaker_client.delete_model(ModelName=name)
