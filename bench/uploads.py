"""An upload through the console as a browser does it, beside boto3 sending the same file to the same store.

    python -m bench.uploads [megabytes [rounds]]

Starts a stack of its own. Prints of each round the seconds, the processor time of every process, and the ratio; and how
much memory the web and gateway processes grew by.
"""

import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path

from boto3.s3.transfer import TransferConfig

from bench.versions.report import processor_seconds
from tests.stack import FIRST_USER, Stack

MIB = 1024 * 1024
AT_ONCE = 3
PROCESSES = ("web", "gateway", "store")
OWN_PASSWORD = "a-password-of-my-own"


class Browser:
    """Keeps cookies, and sends the token that Django asks for."""

    def __init__(self, stack: Stack):
        self.web, self.cookies = stack.web, CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.ask("GET", "/login/")
        self.post("/login/", username=FIRST_USER, password=stack.password)
        page = self.ask("GET", "/password/").decode()
        new = {name: OWN_PASSWORD for name in re.findall(r'name="(\w*password\w*)"', page)}
        self.post("/password/", **new | {name: stack.password for name in new if "old" in name})

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Referer": self.web, "X-CSRFToken": next((c.value for c in self.cookies if "csrf" in c.name), "")}
        request = urllib.request.Request(self.web + path, body, headers, method=method)
        with self.opener.open(request) as answer:
            return answer.read()

    def post(self, path: str, **fields) -> bytes:
        return self.ask("POST", path, urllib.parse.urlencode(fields).encode())


def upload(browser: Browser, bucket: str, file: Path) -> None:
    """As static/upload.js does it: begin, the missing parts three at a time, finish."""
    size = file.stat().st_size
    begun = json.loads(browser.post(f"/buckets/{bucket}/uploads/", name=file.name, size=size, modified=1))

    def send(number: int) -> None:
        with file.open("rb") as stream:
            stream.seek((number - 1) * begun["part_size"])
            browser.ask("PUT", f"/uploads/{begun['id']}/parts/{number}/", stream.read(begun["part_size"]))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, begun["missing"]))
    browser.post(f"/uploads/{begun['id']}/finish/")


class Memory:
    """The most memory of its own that each process had, in MiB, while this is entered: pages shared with another
    count in part, and children, such as the spare of a server, do not."""

    def __init__(self, stack: Stack):
        self.pids = {name: stack.pid(name) for name in ("web", "gateway")}
        self.before = {name: _own_mebibytes(pid) for name, pid in self.pids.items()}
        self.most = dict(self.before)
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._watcher.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for name, pid in self.pids.items():
                self.most[name] = max(self.most[name], _own_mebibytes(pid))


def _own_mebibytes(pid: int) -> float:
    match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(match[1]) / 1024 if match else 0.0


class Timed:
    """The seconds of a block, and the processor time that this process and each of the stack's used in it."""

    def __init__(self, stack: Stack):
        self._pids = {name: stack.pid(name) for name in PROCESSES}

    def __enter__(self) -> "Timed":
        self._before, self._start = self._used(), time.perf_counter()
        return self

    def __exit__(self, *_) -> None:
        self.seconds = time.perf_counter() - self._start
        self.used = {name: used - self._before[name] for name, used in self._used().items()}

    def _used(self) -> dict[str, float]:
        return {"client": time.process_time()} | {name: processor_seconds(pid) for name, pid in self._pids.items()}

    def __str__(self) -> str:
        each = ", ".join(f"{name} {used:.1f}" for name, used in self.used.items())
        return f"{self.seconds:5.1f} s; processor {sum(self.used.values()):5.1f} s: {each}"


def main(megabytes: int, rounds: int) -> None:
    with Stack() as stack, tempfile.TemporaryDirectory() as folder:
        s3, bucket, file = stack.client("s3"), "bench-uploads", Path(folder) / "big.csv"
        s3.create_bucket(Bucket=bucket)
        line = b"".join(b"%d,%d.5,%d\n" % (i, i * 7 % 1000, i % 2) for i in range(100_000))[:MIB]
        with file.open("wb") as out:
            for _ in range(megabytes):
                out.write(line)
        browser, memory, ratios = Browser(stack), Memory(stack), []
        print(f"{megabytes} MiB, {AT_ONCE} parts at a time", flush=True)
        with memory:
            for _ in range(rounds):
                with Timed(stack) as ours:
                    upload(browser, bucket, file)
                assert s3.head_object(Bucket=bucket, Key=file.name)["ContentLength"] == file.stat().st_size
                s3.delete_object(Bucket=bucket, Key=file.name)
                with Timed(stack) as peer:
                    s3.upload_file(str(file), bucket, "peer.csv", Config=TransferConfig(max_concurrency=AT_ONCE))
                s3.delete_object(Bucket=bucket, Key="peer.csv")
                ratios.append(ours.seconds / peer.seconds)
                print(f"console {ours}\nboto3   {peer}\nratio   {ratios[-1]:5.2f}", flush=True)
        print(f"median ratio {statistics.median(ratios):.2f}; load {os.getloadavg()[0]:.1f}")
        for name in memory.pids:
            print(f"{name}: {memory.before[name]:.0f} MiB before, at most {memory.most[name]:.0f} MiB")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*[*numbers, *(1024, 3)[len(numbers) :]])
