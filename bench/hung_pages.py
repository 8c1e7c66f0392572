"""How long pages take while a part of Sagewright hangs.

    python -m bench.hung_pages [--seconds 12]

Starts a stack of its own. Stops Valkey, gateway, engine and store with SIGSTOP, one after the other, and asks for
pages and signs in from several threads until the part is back. Prints the slowest answer of each page and its status.
"""

import argparse
import os
import signal
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from tests.stack import Stack
from tests.upgrade.web_client import WebClient

PASSWORD = "Long-enough-9x"
PAGES = ("/", "/models/", "/models/create/", "/jobs/", "/endpoints/", "/buckets/")
PARTS = ("valkey", "gateway", "engine", "store")


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages while a part hangs.")
    parser.add_argument("--seconds", type=float, default=12.0)
    seconds = parser.parse_args().seconds
    with Stack() as stack:
        person = WebClient(stack.web, "admin", stack.password)
        passwords = {"old_password": stack.password, "new_password1": PASSWORD, "new_password2": PASSWORD}
        person.post("/password/", passwords)
        for part in PARTS:
            times: dict[str, list[tuple[float, int]]] = defaultdict(list)
            until = time.monotonic() + seconds

            def ask(path: str, times=times, until=until) -> None:
                while time.monotonic() < until:
                    began = time.monotonic()
                    if path == "sign in":
                        status = 0 if "sessionid" not in WebClient(stack.web, "admin", PASSWORD).cookies() else 200
                    else:
                        status = person.get(path).status
                    times[path].append((time.monotonic() - began, status))
                    time.sleep(0.2)

            pid = stack.pid(part)
            os.kill(pid, signal.SIGSTOP)
            with ThreadPoolExecutor(len(PAGES) + 1) as pool:
                list(pool.map(ask, (*PAGES, "sign in")))
            stack.wait_for_restart(part, pid)
            for path, answers in times.items():
                slowest = max(answers)
                statuses = sorted({status for _, status in answers})
                print(f"{part:8} {path:16} {len(answers):4} answers, slowest {slowest[0]:5.2f} s, statuses {statuses}")
            time.sleep(5)


if __name__ == "__main__":
    main()
