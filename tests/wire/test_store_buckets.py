"""The embedded store holds many buckets on a small disk."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.config import Config

from console.supervisor.store import Store
from engine.store import ACCESS_KEY_ID, secret_key
from tests.boto import make_client
from tests.gateway import start_gateway
from tests.store import start_store

BUCKETS, DISK = 300, "5G"
# Runs a command in a mount namespace of its own, where the folder "$0" is a file system of that size.
SMALL_DISK = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
MOUNT = f'mount -t tmpfs -o size={DISK} none "$0"'


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory) -> tuple[Path, tuple[str, ...]]:
    """A data folder, and the command that makes its objects lie on a file system of the size DISK.

    The command is empty where the system permits no mount: the objects then lie on the disk of the tests.
    """
    folder = tmp_path_factory.mktemp("small-disk")
    objects = folder / "store" / "objects"
    objects.mkdir(parents=True)
    try:
        subprocess.run([*SMALL_DISK, MOUNT, str(objects)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return folder, ()
    return folder, (*SMALL_DISK, f'{MOUNT} && exec "$@"', str(objects))


@pytest.mark.long
def test_300_buckets_fit_on_a_disk_with_5_gb_free(small_disk):
    folder, prefix = small_disk
    started = start_store(folder, prefix=prefix)
    gateway_url, gateway = start_gateway(started.url)
    try:
        if not prefix:  # the limit must not come from the disk, whatever its size is: 10,000 volumes would be 10 TB
            assert _volume_limit(started.store) > 10_000
        s3 = make_client(
            "s3",
            endpoint_url=gateway_url,
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=secret_key(),
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=16),
        )

        def fill(number: int) -> None:
            s3.create_bucket(Bucket=f"bucket-{number}")
            s3.put_object(Bucket=f"bucket-{number}", Key="number", Body=str(number).encode())

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(fill, range(BUCKETS)))
        for number in range(BUCKETS):
            body = s3.get_object(Bucket=f"bucket-{number}", Key="number")["Body"]
            assert body.read() == str(number).encode()
        s3.close()
    finally:
        gateway.end()
        started.process.end()


def _volume_limit(store: Store) -> int:
    """How many volumes the store's master permits."""
    printed = store.shell("volume.list\n")
    return int(re.search(r"volume:\d+/(\d+)", printed)[1])
