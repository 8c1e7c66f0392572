"""Tables in a folder of this machine, for tests that need no S3."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tables import Folder

BUCKET = "local-tables"


@pytest.fixture
def folder(tmp_path) -> Folder:
    (tmp_path / BUCKET).mkdir()
    return Folder(tmp_path)


@pytest.fixture
def keep(folder) -> Callable[..., str]:
    """Write text or bytes to a file of the folder; gives its s3:// address."""

    def write(content: str | bytes, key: str = "table.csv") -> str:
        body = content.encode() if isinstance(content, str) else content
        path: Path = folder.root / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(body) if key.endswith(".gz") else body)
        return f"s3://{BUCKET}/{key}"

    return write
