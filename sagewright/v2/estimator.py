"""Estimators of version 2: `Estimator` for an image, and the base of those for frameworks."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Self

from sagewright.sdk.errors import JobFailed
from sagewright.sdk.objects import upload
from sagewright.sdk.session import unique_name
from sagewright.sdk.training_job import TrainingJob
from sagewright.v2.arguments import refuse_unknown
from sagewright.v2.exceptions import UnexpectedStatusException
from sagewright.v2.inputs import channels_of
from sagewright.v2.model import Model
from sagewright.v2.session import Session

DAY = 24 * 3600  # seconds
PREFIX = "sagewright-v2"


class Job(TrainingJob):
    """The training job of an estimator, as version 2 calls its parts."""

    @property
    def job_name(self) -> str:
        """The name."""
        return self.name

    def wait(self, quiet: bool | None = None, logs: Any = "All") -> Self:
        """Wait until the job has ended, and print its log unless `logs` is "None" or False."""
        return super().wait(logs in (None, False, "None") if quiet is None else quiet)


class Estimator:
    """Trains in a container, and hosts what it trained."""

    def __init__(
        self, image_uri: str, role: str | None = None, instance_count: int = 1, instance_type: str = "ml.m5.large",
        volume_size: int = 30, max_run: int = DAY, input_mode: str = "File", output_path: str | None = None,
        base_job_name: str | None = None, sagemaker_session: Session | None = None,
        hyperparameters: dict[str, Any] | None = None, metric_definitions: list[dict[str, str]] | None = None,
        environment: dict[str, str] | None = None, tags: list[dict[str, str]] | None = None,
        checkpoint_s3_uri: str | None = None, **extra: Any,
    ):  # fmt: skip
        refuse_unknown(type(self).__name__, extra)
        self.image_uri, self.instance_count, self.instance_type = image_uri, instance_count, instance_type
        self.volume_size, self.max_run, self.input_mode = volume_size, max_run, input_mode
        self.base_job_name, self.metric_definitions = base_job_name or "estimator", metric_definitions
        self.environment, self.tags, self.checkpoint_s3_uri = environment, tags, checkpoint_s3_uri
        self.sagemaker_session = sagemaker_session or Session()
        self.role = role or self.sagemaker_session.core.role
        self.output_path = output_path
        self._hyperparameters = dict(hyperparameters or {})
        self.latest_training_job: Job | None = None

    def set_hyperparameters(self, **hyperparameters: Any) -> None:
        """Add hyperparameters."""
        self._hyperparameters |= hyperparameters

    def hyperparameters(self) -> dict[str, Any]:
        """The hyperparameters as they are given."""
        return dict(self._hyperparameters)

    def encoded(self, job_name: str) -> dict[str, str]:
        """The hyperparameters as the request has them."""
        return {name: str(value) for name, value in self._hyperparameters.items()}

    def fit(self, inputs: Any = None, wait: bool = True, logs: Any = "All", job_name: str | None = None) -> None:
        """Train on `inputs`: {channel: S3 URI or TrainingInput}, or one of these for the channel `training`."""
        session = self.sagemaker_session.core
        name = job_name or unique_name(self.base_job_name)
        output = (self.output_path or f"s3://{session.bucket}/{PREFIX}").rstrip("/")
        algorithm = {"TrainingImage": self.image_uri, "TrainingInputMode": self.input_mode}
        optional: dict[str, Any] = {"Environment": self.environment, "Tags": self.tags}
        optional["InputDataConfig"] = channels_of(inputs)
        if self.checkpoint_s3_uri:
            optional["CheckpointConfig"] = {"S3Uri": self.checkpoint_s3_uri}
        session.client("sagemaker").create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification=algorithm
            | ({"MetricDefinitions": self.metric_definitions} if self.metric_definitions else {}),
            HyperParameters=self.encoded(name),
            OutputDataConfig={"S3OutputPath": output},
            ResourceConfig={
                "InstanceType": self.instance_type,
                "InstanceCount": self.instance_count,
                "VolumeSizeInGB": self.volume_size,
            },
            RoleArn=self.role,
            StoppingCondition={"MaxRuntimeInSeconds": self.max_run},
            **{key: value for key, value in optional.items() if value},
        )
        self.latest_training_job = Job(name, session)
        if wait:
            self._wait(self.latest_training_job, quiet=not logs)

    def _wait(self, job: Job, quiet: bool) -> None:
        try:
            TrainingJob.wait(job, quiet)
        except JobFailed as e:
            words = f"Error for Training job {job.name}: Failed. Reason: {e.reason}. {e}"
            raise UnexpectedStatusException(words, ["Completed", "Stopped"], "Failed") from e
        described = job.describe()
        if not quiet and "TrainingTimeInSeconds" in described:
            print(f"Training seconds: {described['TrainingTimeInSeconds'] * self.instance_count}")
            print(f"Billable seconds: {described.get('BillableTimeInSeconds', 0) * self.instance_count}")

    @classmethod
    def attach(cls, training_job_name: str, sagemaker_session: Session | None = None, **extra: Any) -> Estimator:
        """An estimator with the training job called `training_job_name`."""
        refuse_unknown("attach", extra)
        session = sagemaker_session or Session()
        job = Job.attach(training_job_name, session.core)
        described = job.describe()
        image = described["AlgorithmSpecification"]["TrainingImage"]
        estimator = Estimator(image, described["RoleArn"], sagemaker_session=session)
        estimator.set_hyperparameters(**described.get("HyperParameters", {}))
        estimator.latest_training_job = job
        return estimator

    @property
    def model_data(self) -> str:
        """The S3 URI of model.tar.gz of the last job."""
        if self.latest_training_job is None:
            raise ValueError("Nothing was trained. Call fit() first.")
        return self.latest_training_job.artifact

    def create_model(self, **more: Any) -> Model:
        """The model of the last job."""
        options = {"role": self.role, "sagemaker_session": self.sagemaker_session, **more}
        return Model(self.image_uri, self.model_data, **options)

    def transformer(self, instance_count: int = 1, instance_type: str = "ml.m5.large", **more: Any) -> Any:
        """What transforms records with the last job's model."""
        return self.create_model().transformer(instance_count, instance_type, **more)

    def deploy(self, initial_instance_count: int = 1, instance_type: str = "ml.m5.large", **more: Any) -> Any:
        """An endpoint that hosts the last job's model; its predictor."""
        return self.create_model().deploy(initial_instance_count, instance_type, **more)


class Framework(Estimator):
    """Runs a script in a framework's image."""

    model_class: Any = Model

    def __init__(
        self, entry_point: str, image_uri: str, source_dir: str | None = None, dependencies: list[str] | None = None,
        **more: Any,
    ):  # fmt: skip
        super().__init__(image_uri, **more)
        self.entry_point, self.source_dir, self.dependencies = entry_point, source_dir, dependencies or []
        self.code_uri = ""

    def encoded(self, job_name: str) -> dict[str, str]:
        """The hyperparameters as JSON, with those that say where the script is, which is uploaded here."""
        session = self.sagemaker_session.core
        self.code_uri = upload_source(self, f"s3://{session.bucket}/{job_name}/source/sourcedir.tar.gz")
        own = {"program": Path(self.entry_point).name if not self.source_dir else self.entry_point}
        own |= {"submit_directory": self.code_uri, "job_name": job_name, "region": session.region}
        settings = {f"sagemaker_{name}": value for name, value in own.items()} | {"sagemaker_container_log_level": 20}
        return {name: json.dumps(value) for name, value in {**self._hyperparameters, **settings}.items()}

    def create_model(self, **more: Any) -> Any:
        """The model of the last job, with the same script."""
        options = {"role": self.role, "sagemaker_session": self.sagemaker_session, "code_uri": self.code_uri, **more}
        return self.model_class(
            model_data=self.model_data, entry_point=self.entry_point, source_dir=self.source_dir,
            image_uri=self.image_uri, **options,
        )  # fmt: skip


def upload_source(of: Any, uri: str) -> str:
    """Upload the script of `of`, or its source folder, with its dependencies as sourcedir.tar.gz; its S3 URI."""
    if of.source_dir and str(of.source_dir).startswith("s3://"):
        return of.source_dir
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        if of.source_dir:
            tar.add(of.source_dir, arcname=".")
        else:
            tar.add(of.entry_point, arcname=Path(of.entry_point).name)
        for path in getattr(of, "dependencies", ()):
            tar.add(path, arcname=Path(path).name)
    return upload(of.sagemaker_session.core, gzip.compress(out.getvalue(), mtime=0), uri)
