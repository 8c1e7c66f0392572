"""`python -m bench.sync`: synchronizes a folder with a bucket and back, several times, with each client there is.

Nothing changes between the rounds, so no round but the first may transfer or delete anything, and the folder stays as
it was. `--bin` names the folder of the programs `aws`, `rclone` and `s3cmd`; a missing one is named and left out.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.stack import Stack

# Keys whose order and folders differ between a tree and S3; a file system cannot hold `a` beside `a/b`.
FILES = (
    *(
        "o/a-b",
        "o/a/b",
        "o/a.b",
        "o/a0",
        "dir/x",
        "dir-/x",
        "dir.versions/x",
        ".uploads/x",
        "x!/y",
        "w w/é 日本",
        "per%20c",
    ),
    *("it's", 'quo"te', "semi;colon", "plus+", "#h", "[b]/c", "a\\b", "n" * 240, "l" * 200 + "/" + "m" * 200, "-dash"),
)
ROUNDS = 3
Command = Callable[[str, str], list[str]]


def aws(source: str, target: str) -> list[str]:
    return ["aws", "s3", "sync", source, target, "--delete", "--no-progress"]


def s3cmd(source: str, target: str) -> list[str]:
    paths = [path if path.startswith("s3:") else f"{path}/" for path in (source, target)]
    return ["s3cmd", "sync", "--delete-removed", "--no-progress", "--no-preserve", paths[0], paths[1]]


def rclone(source: str, target: str) -> list[str]:
    paths = [path.replace("s3://", ":s3,provider=Other,env_auth:") for path in (source, target)]
    return ["rclone", "sync", "-v", *paths]


CLIENTS: dict[str, Command] = {"aws": aws, "rclone": rclone, "s3cmd": s3cmd}


def main() -> int:
    """Run all clients; the number of those that changed anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", default=".clients/bin", help="the folder of the programs")
    arguments = parser.parse_args()
    path = f"{Path(arguments.bin).resolve()}:{os.environ['PATH']}"
    failed = 0
    with Stack() as stack, tempfile.TemporaryDirectory() as folder:
        for name, command in CLIENTS.items():
            if not shutil.which(name, path=path):
                print(f"{name}: not installed")
                continue
            home = Path(folder) / name
            home.mkdir()
            changes = loop(stack, name, command, home, {"PATH": path, "HOME": str(home), **stack.exports})
            print(
                f"{name}: {len(FILES)} files, {ROUNDS} rounds both ways, {len(changes)} changes", *changes, sep="\n  "
            )
            failed += bool(changes)
    return failed


def loop(stack: Stack, name: str, command: Command, home: Path, environment: dict[str, str]) -> list[str]:
    """What changed that should not have."""
    bucket, s3, here = f"sync-{name}", stack.client("s3"), home / "files"
    s3.create_bucket(Bucket=bucket)
    environment |= {"RCLONE_S3_ENDPOINT": stack.endpoint, "RCLONE_S3_FORCE_PATH_STYLE": "true"}
    at = urlsplit(stack.endpoint).netloc
    (home / ".s3cfg").write_text(f"[default]\nhost_base = {at}\nhost_bucket = {at}\nuse_https = False\n")
    for file in FILES:
        (here / file).parent.mkdir(parents=True, exist_ok=True)
        (here / file).write_text(file)
    before, stored, changes = tree(here), {}, []
    for number in range(ROUNDS):
        for source, target in ((str(here), f"s3://{bucket}"), (f"s3://{bucket}", str(here))):
            done = subprocess.run(command(source, target), env=environment, capture_output=True, text=True, timeout=120)
            if done.returncode:
                changes.append(f"round {number}: {name} exits with {done.returncode}: {done.stderr.strip()[-500:]}")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        now = {item["Key"]: str(item["LastModified"]) for page in pages for item in page.get("Contents", ())}
        if number and now != stored:
            changes += [f"round {number}: {key} was written" for key in now if now[key] != stored.get(key)]
            changes += [f"round {number}: {key} was deleted" for key in stored if key not in now]
        stored = now
    changes += [f"{file} differs" for file, digest in before.items() if tree(here).get(file) != digest]
    return changes + [f"{key} is missing in the bucket" for key in FILES if key not in stored]


def tree(folder: Path) -> dict[str, str]:
    """{file: digest of its content}."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


if __name__ == "__main__":
    sys.exit(main())
