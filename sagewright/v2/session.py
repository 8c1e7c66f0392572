"""Session and role of version 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagewright.sdk import session as core
from sagewright.v2.arguments import refuse_unknown


class Session:
    """A session of boto3's with a default bucket."""

    def __init__(
        self, boto_session: Any = None, sagemaker_client: Any = None, sagemaker_runtime_client: Any = None,
        default_bucket: str | None = None,
    ):  # fmt: skip
        self.core = core.Session(boto_session, bucket=default_bucket or "") if boto_session else core.default_session()
        if default_bucket and not boto_session:
            self.core = core.Session(bucket=default_bucket)
        self._has_bucket = False
        clients = {"sagemaker": sagemaker_client, "sagemaker-runtime": sagemaker_runtime_client}
        self.core._clients |= {service: client for service, client in clients.items() if client is not None}

    @property
    def boto_region_name(self) -> str:
        """The Region."""
        return self.core.region

    @property
    def boto_session(self) -> Any:
        """The session of boto3's below."""
        return self.core._session

    @property
    def sagemaker_client(self) -> Any:
        """The client of SageMaker."""
        return self.core.client("sagemaker")

    @property
    def sagemaker_runtime_client(self) -> Any:
        """The client of endpoints."""
        return self.core.client("sagemaker-runtime")

    def default_bucket(self) -> str:
        """The bucket for code, data and artifacts, made if it is not there."""
        if not self._has_bucket:
            self.core.make_bucket(self.core.bucket)
            self._has_bucket = True
        return self.core.bucket

    def account_id(self) -> str:
        """The account's number."""
        return self.core.account

    def upload_data(self, path: str, bucket: str | None = None, key_prefix: str = "data", **extra: Any) -> str:
        """Upload a file, or a folder's files; the S3 URI of the object or of the prefix."""
        refuse_unknown("upload_data", extra)
        bucket, source = bucket or self.core.bucket, Path(path)
        files = [source] if source.is_file() else sorted(file for file in source.rglob("*") if file.is_file())
        if not files:
            raise FileNotFoundError(f"{path} is neither a file nor a folder with files.")
        for file in files:
            name = file.name if source.is_file() else file.relative_to(source).as_posix()
            self.core.client("s3").upload_file(str(file), bucket, f"{key_prefix}/{name}")
        return f"s3://{bucket}/{key_prefix}/{source.name}" if source.is_file() else f"s3://{bucket}/{key_prefix}"

    def upload_string_as_file_body(self, body: str, bucket: str, key: str, **extra: Any) -> str:
        """Put a text at a key; its S3 URI."""
        refuse_unknown("upload_string_as_file_body", extra)
        self.core.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        return f"s3://{bucket}/{key}"

    def download_data(self, path: str, bucket: str, key_prefix: str = "", **extra: Any) -> list[str]:
        """Download the objects of a prefix into a folder; the paths."""
        refuse_unknown("download_data", extra)
        from sagewright.sdk.objects import download

        folder = download(self.core, f"s3://{bucket}/{key_prefix}", Path(path))
        return [str(file) for file in sorted(folder.rglob("*")) if file.is_file()]

    def logs_for_job(self, job_name: str, wait: bool = False, **extra: Any) -> None:
        """Print the log of a training job; with `wait` until it has ended."""
        refuse_unknown("logs_for_job", extra)
        from sagewright.sdk.training_job import TrainingJob

        for line in TrainingJob(job_name, self.core).logs(follow_until_end=wait):
            print(line)


def get_execution_role(sagemaker_session: Session | None = None, use_default: bool = False) -> str:
    """The ARN of the role that jobs assume, as `sagewright.Session.role` finds it."""
    return (sagemaker_session or Session()).core.role
