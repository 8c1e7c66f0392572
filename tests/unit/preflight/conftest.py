"""A bucket of local files, and a table for it."""

import pytest

from tables.store import Folder


@pytest.fixture
def store(tmp_path):
    (tmp_path / "team").mkdir()
    return Folder(tmp_path)


@pytest.fixture
def put(tmp_path, store):
    """Write text or bytes to a key; gives the address."""

    def write(body: str | bytes, key: str = "train.csv") -> str:
        path = tmp_path / "team" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return f"s3://team/{key}"

    return write


def table(rows: int = 60) -> str:
    """A churn table with a header."""
    lines = (f"{i % 2},{i * 7 % 40},{i * 13 % 90}.5,{('basic', 'plus')[i % 3 > 0]}" for i in range(rows))
    return "churned,months,spend,plan\n" + "\n".join(lines) + "\n"
