"""An upload through the console as a browser does it, beside boto3 sending the same file to the same store.

    python -m bench.uploads [megabytes]

Starts a stack of its own. Prints seconds, the ratio, and how much memory the web and gateway processes grew by.
"""

import json
import re
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

from tests.stack import FIRST_USER, Stack

MIB = 1024 * 1024
AT_ONCE = 3
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
    """The most resident memory each of the processes had, in MiB, while this is entered."""

    def __init__(self, stack: Stack):
        pids = stack.state()["pids"]
        self.pids = {name: _family(pids[name]) for name in ("web", "gateway")}
        self.before = {name: self._now(name) for name in self.pids}
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
            for name in self.pids:
                self.most[name] = max(self.most[name], self._now(name))

    def _now(self, name: str) -> float:
        found = (re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in self.pids[name])
        return sum(int(match[1]) for match in found if match) / 1024


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def main(megabytes: int) -> None:
    with Stack() as stack, tempfile.TemporaryDirectory() as folder:
        s3, bucket, file = stack.client("s3"), "bench-uploads", Path(folder) / "big.csv"
        s3.create_bucket(Bucket=bucket)
        line = b"".join(b"%d,%d.5,%d\n" % (i, i * 7 % 1000, i % 2) for i in range(100_000))[:MIB]
        with file.open("wb") as out:
            for _ in range(megabytes):
                out.write(line)
        browser = Browser(stack)
        start = time.perf_counter()
        with Memory(stack) as memory:
            upload(browser, bucket, file)
        ours = time.perf_counter() - start
        assert s3.head_object(Bucket=bucket, Key=file.name)["ContentLength"] == file.stat().st_size
        start = time.perf_counter()
        s3.upload_file(str(file), bucket, "peer.csv", Config=TransferConfig(max_concurrency=AT_ONCE))
        peer = time.perf_counter() - start
        print(f"{megabytes} MiB through the console: {ours:.1f} s, {megabytes / ours:.0f} MiB/s")
        print(f"boto3 upload_file, {AT_ONCE} at a time: {peer:.1f} s; ratio {ours / peer:.2f}")
        for name in memory.pids:
            print(f"{name}: {memory.before[name]:.0f} MiB before, at most {memory.most[name]:.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
