"""Real object storage for page tests: the pages run in this process, their boto3 speaks to the running engine."""

import secrets
from dataclasses import dataclass

import pytest

TABLE = "radius,texture,diagnosis\n" + "".join(
    f"{10 + i % 7},{20 - i % 5}.5,{'malignant' if i % 3 else 'benign'}\n" for i in range(60)
)


@dataclass
class Lake:
    """A folder of this test's own in a bucket that all share: making a bucket takes seconds."""

    s3: object
    bucket: str
    folder: str

    def put(self, key: str, body: str | bytes) -> str:
        """Store `body` under the folder; its s3:// address."""
        body = body if isinstance(body, bytes) else body.encode()
        self.s3.put_object(Bucket=self.bucket, Key=self.folder + key, Body=body)
        return f"s3://{self.bucket}/{self.folder}{key}"

    def keys(self) -> list[str]:
        listing = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=self.folder).get("Contents", [])
        return [entry["Key"].removeprefix(self.folder) for entry in listing]


@pytest.fixture(scope="session")
def s3(stack):
    """One client for all: boto3 takes a second to make one."""
    return stack.client("s3")


@pytest.fixture(scope="session")
def shared_bucket(s3) -> str:
    name = f"lake-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def shared_table(s3, shared_bucket) -> str:
    s3.put_object(Bucket=shared_bucket, Key="shared/table.csv", Body=TABLE.encode())
    return f"s3://{shared_bucket}/shared/table.csv"


@pytest.fixture
def lake(stack, s3, shared_bucket, monkeypatch) -> Lake:
    for name, value in stack.exports.items():
        monkeypatch.setenv(name, value)
    return Lake(s3, shared_bucket, f"t{secrets.token_hex(4)}/")


@pytest.fixture
def table(lake, shared_table) -> str:
    """A small table with a header and text labels in its last column."""
    return shared_table


@pytest.fixture
def drought(monkeypatch) -> None:
    """Nothing answers where the storage should be."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
