"""An endpoint: predict, update, delete."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Self

from sagewright.sdk.codecs import SCHEMA_VARIABLE, ClassCodec, Codec, PlainCodec, SchemaCodec
from sagewright.sdk.display import Display
from sagewright.sdk.errors import EndpointFailed, NotFound, PredictionFailed
from sagewright.sdk.logs import ENDPOINT, LogReader, pause
from sagewright.sdk.requests import INFERENCE
from sagewright.sdk.session import Session, default_session

ENDED = ("InService", "Failed", "OutOfService", "UpdateRollbackFailed")
BODY = 6 * 1024 * 1024  # bytes that an endpoint takes at a time
ADVICE = {
    413: "Send fewer rows at a time.", 429: "Wait a little between requests, or deploy on more instances.",
    503: "Try again a little later.",
}  # fmt: skip


class Predictor:
    """The endpoint called `name`. In a `with`, it is deleted at the end."""

    def __init__(self, name: str, session: Session | None = None, codec: Codec | None = None):
        self.name = name
        self.session = session or default_session()
        self._codec = codec

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.delete()

    def __repr__(self) -> str:
        return f"Predictor({self.name!r})"

    def describe(self) -> dict[str, Any]:
        """SageMaker's DescribeEndpoint. Raises NotFound."""
        from botocore.exceptions import ClientError

        try:
            return self.session.client("sagemaker").describe_endpoint(EndpointName=self.name)
        except ClientError as e:
            if "not find" in str(e).lower() or "not found" in str(e).lower():
                raise NotFound(
                    f"There is no endpoint {self.name} in {self.session.region}. `sagewright endpoints` lists them; "
                    "deploy a model under that name."
                ) from e
            raise

    @property
    def status(self) -> str:
        """Creating, InService, Updating, Failed, Deleting ..."""
        return self.describe()["EndpointStatus"]

    def predict(self, rows: Any) -> Any:
        """The predictions for `rows`: a pandas or polars DataFrame, an array, a dict, a list of dicts or of lists.

        Columns are found by name, in any order; further ones are left out. The answer of a class is what its
        `predict` returned; of a built-in algorithm a dict for each row. A dict of single values is one row and gets
        one prediction. Raises PredictionFailed with the reason of the container.
        """
        if self._codec is None:
            self._codec = self._find_codec()
        body, content_type, accept = self._codec.encode(rows)
        if len(body) > BODY:
            raise PredictionFailed(
                f"The rows are {len(body) / 1024**2:.1f} MB; an endpoint takes 6 MB at a time. Send fewer rows."
            )
        answer = self._invoke(body, content_type, accept)
        return self._codec.decode(answer["Body"].read(), answer.get("ContentType", ""), rows)

    def _invoke(self, body: bytes, content_type: str, accept: str) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        runtime = self.session.client("sagemaker-runtime")
        try:
            return runtime.invoke_endpoint(EndpointName=self.name, Body=body, ContentType=content_type, Accept=accept)
        except ClientError as e:
            own, status = e.response.get("OriginalMessage"), e.response.get("OriginalStatusCode", 0)
            if own:
                raise PredictionFailed(
                    f"The model of {self.name} answered with an error: {_message(own)}", status
                ) from e
            status = e.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            words = f"{self.name} does not answer: {e.response['Error'].get('Message', e)}"
            raise PredictionFailed(f"{words} {ADVICE[status]}" if status in ADVICE else words, status) from e
        except BotoCoreError as e:  # no answer in time, or no connection
            raise PredictionFailed(
                f"{self.name} gave no answer: {e} Send fewer rows at a time, or try again a little later."
            ) from e

    def update(self, model: Any, instance: Any = None, wait: bool = True, quiet: bool | None = None) -> Self:
        """Host `model` instead, without a pause: a trained model, or a job. What was hosted before is deleted."""
        old = self._parts()
        model.deploy_into(self, instance)
        self._codec = None
        if wait:
            self.wait(quiet)
            if self._parts()[0] == old[0]:  # SageMaker went back to what was hosted before
                reason = self.describe().get("FailureReason", "SageMaker gives no reason.")
                raise EndpointFailed(f"Endpoint {self.name} still hosts its former model: {reason}")
            self._delete_parts(*old)
        return self

    def delete(self) -> None:
        """Delete the endpoint, its configuration and its model. Repeatable."""
        from botocore.exceptions import ClientError

        sagemaker = self.session.client("sagemaker")
        try:
            parts = self._parts()
            sagemaker.delete_endpoint(EndpointName=self.name)
        except NotFound:
            return
        except ClientError as e:
            raise EndpointFailed(f"{self.name} is not deleted: {e.response['Error'].get('Message', e)}") from e
        self._delete_parts(*parts)

    def wait(self, quiet: bool | None = None) -> Self:
        """Wait until the endpoint is in service. Raises EndpointFailed with the reason."""
        display, began = Display(quiet), time.monotonic()
        with display.interrupted(
            f"Endpoint {self.name} is still made, and is billed until it is deleted: sagewright delete {self.name}, "
            f'or Model.get("{self.name}").delete().'
        ):
            while (described := self.describe())["EndpointStatus"] not in ENDED:
                display.step(described["EndpointStatus"], (time.monotonic() - began) / 300)
                time.sleep(pause(time.monotonic() - began))
        if described["EndpointStatus"] != "InService":
            reason = described.get("FailureReason", "SageMaker gives no reason.")
            raise EndpointFailed(
                f"Endpoint {self.name} did not come into service: {reason} Its log: "
                f"sagewright logs --endpoint {self.name}"
            )
        display.end(f"{self.name}: InService after {time.monotonic() - began:.1f} s")
        return self

    def logs(self) -> Iterator[str]:
        """The lines of the endpoint's log."""
        return iter(LogReader(self.session, ENDPOINT + self.name).new_lines())

    def _parts(self) -> tuple[str, list[str]]:
        """(the endpoint's configuration, its models)."""
        config = self.describe()["EndpointConfigName"]
        described = self.session.client("sagemaker").describe_endpoint_config(EndpointConfigName=config)
        return config, [variant["ModelName"] for variant in described["ProductionVariants"]]

    def _delete_parts(self, config: str, models: list[str]) -> None:
        from botocore.exceptions import ClientError

        sagemaker = self.session.client("sagemaker")
        for delete, names in ((sagemaker.delete_endpoint_config, {"EndpointConfigName": config}), *(
            (sagemaker.delete_model, {"ModelName": model}) for model in models
        )):  # fmt: skip
            try:
                delete(**names)
            except ClientError as e:
                if "not f" not in str(e).lower():
                    raise

    def _find_codec(self) -> Codec:
        """By the Environment of the endpoint's model."""
        _config, models = self._parts()
        described = self.session.client("sagemaker").describe_model(ModelName=models[0])
        environment = described.get("PrimaryContainer", {}).get("Environment", {})
        if uri := environment.get(SCHEMA_VARIABLE):
            return SchemaCodec(self.session, uri)
        return ClassCodec() if environment.get("SAGEMAKER_PROGRAM") == INFERENCE else PlainCodec()


def _message(text: str) -> str:
    """The message of a container's error: the last line of a traceback, the `message` or `error` of JSON."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        text = str(document.get("message") or document.get("error") or text)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    is_traceback = "Traceback" in text or any(line.strip().startswith('File "') for line in lines)  # its end, perhaps
    return lines[-1].strip() if len(lines) > 1 and is_traceback else text.strip()
