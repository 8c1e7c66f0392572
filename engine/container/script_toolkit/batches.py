"""Sends the requests of a batch transform job to a model and keeps its answers, with the standard library alone.

The requests of input file number N are described in requests/N.plan (engine.records.split). Its answers go, one after
the other, into output/data/N.answers, with a line "bytes content-type" for each in N.sizes; N.done says that none is
missing. A file whose model refuses a request gets N.error instead, and the next file is next.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

REFUSED = "Bad HTTP status received from algorithm: {}"
NO_ANSWER = "Unable to get response from algorithm"
LOST = 599  # the status of a request that got no answer


class Answer(NamedTuple):
    """The model's answer to one request; `message` says why when the status is none of success."""

    status: int
    body: bytes = b""
    content_type: str = ""
    message: str = ""


Ask = Callable[[bytes], Answer]


class Failed(Exception):
    """A request that failed for good, with the answer's status."""

    def __init__(self, answer: Answer):
        super().__init__(answer.message)
        self.answer = answer


def read_settings(root: Path) -> dict[str, Any]:
    """The settings that engine.records.settings has written."""
    return json.loads((root / "input/config/transform.json").read_text())


def run(root: Path, askers: Sequence[Ask]) -> None:
    """Transform every input file; each of the `askers` answers one request at a time."""
    settings = read_settings(root)
    strategy = "MULTI_RECORD" if settings["is_multi_record"] else "SINGLE_RECORD"
    payload = settings["payload"] // 2**20
    log(f"MaxConcurrentTransforms={len(askers)}, MaxPayloadInMB={payload}, BatchStrategy={strategy}")
    free: SimpleQueue[Ask] = SimpleQueue()
    for ask in askers:
        free.put(ask)
    with ThreadPoolExecutor(len(askers)) as pool:
        for number, file in enumerate(settings["files"]):
            plan = root / "requests" / f"{number}.plan"
            error = root / "requests" / f"{number}.error"
            if error.is_file():
                log(f"{file['label']}: {error.read_text()}")
                continue
            try:
                _transform(root, number, plan, pool, free, settings)
            except Failed as e:
                _report(root, number, file["label"], e.answer)


def _transform(
    root: Path, number: int, plan: Path, pool: ThreadPoolExecutor, free: "SimpleQueue[Ask]", settings: dict[str, Any]
) -> None:
    waiting: deque[Future[Answer]] = deque()
    target = root / "output/data"
    with (
        plan.open() as lines,
        (target / f"{number}.answers").open("wb") as answers,
        (target / f"{number}.sizes").open("w") as sizes,
    ):
        data = root / json.loads(next(lines))
        next(lines)

        def collect(most: int) -> None:
            while len(waiting) > most:
                answer = waiting.popleft().result()
                answers.write(answer.body)
                sizes.write(f"{len(answer.body)} {' '.join(answer.content_type.split())}\n")

        try:
            for line in lines:
                offset, size, _ = map(int, line.split())
                waiting.append(pool.submit(_ask, data, offset, size, free, settings["retries"]))
                collect(2 * settings["workers"])
            collect(0)
        finally:
            for future in waiting:
                future.cancel()
    (target / f"{number}.done").touch()


def _ask(data: Path, offset: int, size: int, free: "SimpleQueue[Ask]", retries: int) -> Answer:
    with data.open("rb") as content:
        content.seek(offset)
        body = content.read(size)
    for attempt in range(retries + 1):
        ask = free.get()
        try:
            answer = ask(body)
        finally:
            free.put(ask)
        if answer.status < 500 or attempt == retries:
            break
    if not 200 <= answer.status < 300:
        raise Failed(answer)
    return answer


def _report(root: Path, number: int, label: str, answer: Answer) -> None:
    what = NO_ANSWER if answer.status == LOST else REFUSED.format(answer.status)
    log(f"{label}: {what}")
    if answer.message:
        log(f"{label}: ")
        log(f"{label}: Message:")
        for line in answer.message.splitlines():
            log(f"{label}: {line}")
    (root / "output/data" / f"{number}.error").write_text(json.dumps([answer.status, f"{what}. {answer.message}"]))


def log(text: str) -> None:
    """Print a line as SageMaker's data log has it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    print(f"{at}.{time.time_ns() // 10**6 % 1000:03d}:[sagemaker logs]: {text}", flush=True)
