"""A disk that fills from outside: no process ends, people sign in, and all goes on when there is room."""

import contextlib
import re
import subprocess
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from common.disk import space
from tests.stack import Stack
from tests.upgrade.web_client import WebClient
from tests.waiting import wait_for

pytestmark = pytest.mark.kill
PASSWORD = "Long-enough-9x"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 900 MB."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900m", "none", str(tmp_path)], capture_output=True)
    if done.returncode:
        pytest.skip(f"this system permits no mount: {done.stderr.decode()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as out:
        for size in (2**20, 512):
            with contextlib.suppress(OSError):
                while True:
                    out.write(b"x" * size)


def test_a_full_disk_ends_no_process_and_room_puts_all_right(small_disk):
    (small_disk / "data").mkdir()
    with Stack(small_disk / "data") as stack:
        person = WebClient(stack.web, "admin", stack.password)
        passwords = {"old_password": stack.password, "new_password1": PASSWORD, "new_password2": PASSWORD}
        person.post("/password/", passwords)
        s3 = stack.client("s3")
        s3.create_bucket(Bucket="full")
        before = stack.state()["pids"]
        fill(small_disk / "filler")
        wait_for(lambda: "uploads, jobs and models are refused" in stack.log.read_text(), "the disk to be reported")
        wait_for(lambda: space(small_disk).free, "the reserve to be given up")

        page = WebClient(stack.web, "admin", PASSWORD).get("/")  # signs in, which writes a session
        assert page.status == 200 and "The disk is full" in page.text and str(stack.data) in page.text
        with pytest.raises(ClientError, match="InsufficientStorage"):
            s3.put_object(Bucket="full", Key="more", Body=b"x")
        stack.wait_for_restart("live", stack.kill("live"))
        store = stack.kill("store")  # one that starts on a full disk refuses what it is given for a minute at least
        stack.wait_for_restart("store", store)
        assert stack.process.poll() is None

        (small_disk / "filler").unlink()
        wait_for(lambda: "everything is accepted again" in stack.log.read_text(), "the room to be reported")
        once = stack.client("s3", config=Config(retries={"total_max_attempts": 1}))
        once.put_object(Bucket="full", Key="more", Body=b"x")
        assert "The disk is full" not in WebClient(stack.web, "admin", PASSWORD).get("/").text
        after = stack.state()["pids"]
        assert not re.search(r"\| (DEBUG|INFO) (celery|faiss)", stack.log.read_text())
        assert {name for name, pid in after.items() if pid != before[name]} == {"live", "store"}
