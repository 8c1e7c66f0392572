"""Batch transform of version 2: predictions for all records below an S3 prefix."""

from __future__ import annotations

from typing import Any

from sagewright.sdk.logs import TRANSFORM, LogReader, follow
from sagewright.sdk.session import unique_name
from sagewright.v2.arguments import refuse_unknown
from sagewright.v2.exceptions import UnexpectedStatusException
from sagewright.v2.session import Session

ENDED = ("Completed", "Failed", "Stopped")


class Transformer:
    """Starts transform jobs with the model `model_name`; `output_path` has the last one's output."""

    def __init__(
        self, model_name: str, instance_count: int = 1, instance_type: str = "ml.m5.large", strategy: str | None = None,
        assemble_with: str | None = None, output_path: str | None = None, accept: str | None = None,
        max_concurrent_transforms: int | None = None, max_payload: int | None = None,
        tags: list[dict[str, str]] | None = None, env: dict[str, str] | None = None,
        base_transform_job_name: str | None = None, sagemaker_session: Session | None = None, **extra: Any,
    ):  # fmt: skip
        refuse_unknown(type(self).__name__, extra)
        self.model_name, self.instance_count, self.instance_type = model_name, instance_count, instance_type
        self.strategy, self.assemble_with, self.accept = strategy, assemble_with, accept
        self.max_concurrent_transforms, self.max_payload = max_concurrent_transforms, max_payload
        self.tags, self.env, self.output_path = tags, env, output_path
        self.base_transform_job_name = base_transform_job_name or model_name
        self.sagemaker_session = sagemaker_session or Session()
        self._has_own_path = output_path is not None
        self._job_name = ""

    @property
    def latest_transform_job(self) -> Transformer:
        """The last job, whose name is its `name`."""
        return self

    @property
    def name(self) -> str:
        """The name of the last job. Raises ValueError before the first."""
        if not self._job_name:
            raise ValueError("Nothing was transformed. Call transform() first.")
        return self._job_name

    def transform(
        self, data: str, data_type: str = "S3Prefix", content_type: str | None = None,
        compression_type: str | None = None, split_type: str | None = None, job_name: str | None = None,
        input_filter: str | None = None, output_filter: str | None = None, join_source: str | None = None,
        model_client_config: dict[str, int] | None = None, wait: bool = True, logs: bool = True, **extra: Any,
    ) -> None:  # fmt: skip
        """Start a job for the objects at `data`, and wait for its end unless `wait` is False."""
        refuse_unknown("transform", extra)
        session = self.sagemaker_session
        self._job_name = job_name or unique_name(self.base_transform_job_name)
        if not self._has_own_path:
            self.output_path = f"s3://{session.default_bucket()}/{self._job_name}"
        source = {"S3DataSource": {"S3DataType": data_type, "S3Uri": str(data)}}
        settings = {"ContentType": content_type, "CompressionType": compression_type, "SplitType": split_type}
        output = {"S3OutputPath": self.output_path, "AssembleWith": self.assemble_with, "Accept": self.accept}
        processing = {"InputFilter": input_filter, "OutputFilter": output_filter, "JoinSource": join_source}
        optional: dict[str, Any] = {
            "BatchStrategy": self.strategy,
            "MaxConcurrentTransforms": self.max_concurrent_transforms,
            "MaxPayloadInMB": self.max_payload,
            "Environment": self.env,
            "Tags": self.tags,
            "DataProcessing": _present(processing),
            "ModelClientConfig": model_client_config,
        }
        session.sagemaker_client.create_transform_job(
            TransformJobName=self._job_name,
            ModelName=self.model_name,
            TransformInput={"DataSource": source, **_present(settings)},
            TransformOutput=_present(output),
            TransformResources={"InstanceType": self.instance_type, "InstanceCount": self.instance_count},
            **_present(optional),
        )
        if wait:
            self.wait(logs)

    def wait(self, logs: bool = True) -> None:
        """Wait until the last job has ended, and print its log. Raises UnexpectedStatusException if it failed."""
        reader = LogReader(self.sagemaker_session.core, TRANSFORM, f"{self.name}/")
        for line in follow(reader, lambda: self._describe()["TransformJobStatus"] in ENDED):
            if logs:
                print(line)
        described = self._describe()
        if described["TransformJobStatus"] == "Failed":
            words = f"Error for Transform job {self.name}: Failed. Reason: {described.get('FailureReason', '')}"
            raise UnexpectedStatusException(words, ["Completed", "Stopped"], "Failed")

    def stop_transform_job(self, wait: bool = True) -> None:
        """Stop the last job."""
        self.sagemaker_session.sagemaker_client.stop_transform_job(TransformJobName=self.name)
        if wait:
            self.wait(logs=False)

    def delete_model(self) -> None:
        """Delete the model; the output stays."""
        self.sagemaker_session.sagemaker_client.delete_model(ModelName=self.model_name)

    def _describe(self) -> dict[str, Any]:
        return self.sagemaker_session.sagemaker_client.describe_transform_job(TransformJobName=self.name)


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
