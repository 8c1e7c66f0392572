"""The drill: two machines behind the proxy of deploy/, on PostgreSQL with a standby, Redis and one store.

    python -m tests.drill [--pause 15]

Predictions, training jobs, uploads, page views and calls go on while each machine is restarted, one is lost and the
database fails over. Fails when something that was acknowledged is lost, doubled or changed. Needs root on Linux, and
Debian's postgresql, redis-server, haproxy and dnsmasq-base; nothing outside of its own network namespace is touched.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from botocore.config import Config

import algorithms
from console.supervisor.stack import access_key
from tests.boto import make_client
from tests.drill.load import Load, longest_gap
from tests.drill.machine import Machine
from tests.drill.shared import PROXY, Shared
from tests.kill.jobs import BUCKET, REGION
from tests.kill_run.predictions import Asker
from tests.kill_run.work import PASSWORD, ROW, host, xgboost_model
from tests.stack import FIRST_USER
from tests.upgrade.web_client import WebClient
from tests.waiting import wait_for

INSIDE = "SAGEWRIGHT_DRILL"  # set in the namespaces of the drill
ADDRESSES = {"m1": "127.0.1.1", "m2": "127.0.1.2"}
WEB, GATEWAY = f"http://{PROXY}:8000", f"http://{PROXY}:8002"
DETECTION = 8.0  # seconds until somebody promotes the standby: no database takes writes meanwhile
Phase = tuple[str, float, float]


def main() -> int:
    parser = argparse.ArgumentParser(description="Two machines, one after the other restarted, lost, failed over.")
    parser.add_argument("--pause", type=float, default=15.0, help="seconds of load after each event")
    options = parser.parse_args()
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, "-m", "tests.drill", *sys.argv[1:]])
    del os.environ[INSIDE]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="sw-drill-") as name:
        folder = Path(name)
        with Shared(folder) as shared:
            return _run(folder, shared, options.pause)


def _run(folder: Path, shared: Shared, pause: float) -> int:
    keys = {name: access_key() for name in ("CONSOLE_KEY", "FIRST_USER_KEY")}
    machines = [Machine(n, address, folder, _variables(folder, shared, keys)) for n, address in ADDRESSES.items()]
    shared.start_proxy(dict.fromkeys(("web", "live", "gateway", "engine"), list(ADDRESSES.values())))
    try:
        for machine in machines:  # at once: both find an empty database
            machine.start()
        for machine in machines:
            machine.wait_until_ready()
        return _drill(machines, shared, keys["FIRST_USER_KEY"], pause)
    except BaseException:
        print(shared.tail(), *(machine.tail() for machine in machines), sep="\n")
        raise
    finally:
        for machine in machines:
            machine.stop()


def _variables(folder: Path, shared: Shared, keys: dict[str, str]) -> dict[str, str]:
    """What every machine is told: secrets by files, the shared servers, the proxy as the way to all replicas."""
    argument = shared.urls | keys | {"SECRET_KEY": secrets.token_urlsafe(48)}
    for name, value in argument.items():
        (folder / name.lower()).write_text(value)
    return {f"SAGEWRIGHT_{name}_FILE": str(folder / name.lower()) for name in argument} | {
        "SAGEWRIGHT_WEB_URL": WEB,
        "SAGEWRIGHT_LIVE_URL": WEB,
        "SAGEWRIGHT_GATEWAY_URL": GATEWAY,
        "SAGEWRIGHT_ENGINE_URL": f"http://{PROXY}:8003",
        "SAGEWRIGHT_STORE_ENCODES_KEYS": "1",
        "SAGEWRIGHT_TRUSTED_PROXIES": PROXY,
    }


def _drill(machines: list[Machine], shared: Shared, key: str, pause: float) -> int:
    load, asker = _load(machines, key)
    phases: list[Phase] = []

    def phase(name: str, *events: Callable[[], object]) -> None:
        began = time.monotonic()
        for event in events:
            event()
        time.sleep(pause)
        phases.append((name, began, time.monotonic()))
        print(f"{name}: {phases[-1][2] - began:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)

    first, second = machines
    for stream in (asker, *load.streams):
        stream.start()
    phase("nothing happens")
    for machine in machines:
        phase(f"{machine.name} restarted", machine.stop, machine.start, machine.wait_until_ready)
    phase("m2 lost", second.lose)
    phase("m2 back", second.start, second.wait_until_ready)
    phase("database failed over", lambda: shared.fail_over(DETECTION))
    phase("m1 restarted after it", first.stop, first.start, first.wait_until_ready)
    for stream in (asker, *load.streams):
        stream.end()
    faults = load.faults()
    _report(
        phases, [("predictions", asker.answered, asker.failed), *((s.name, s.done, s.failed) for s in load.streams)]
    )
    print(f"{len(load.names)} jobs ({load.restarts()} times begun again), {len(load.objects)} objects")
    print("\n".join(faults) if faults else "nothing lost, nothing doubled")
    return 1 if faults else 0


def _load(machines: list[Machine], key: str) -> tuple[Load, Asker]:
    """A person who has signed in, a program with a key, and an endpoint in service."""
    name, _, secret = key.partition(":")

    def client(service: str):
        config = Config(retries={"max_attempts": 8, "mode": "standard"}, read_timeout=30)
        how = {"aws_access_key_id": name, "aws_secret_access_key": secret, "region_name": REGION}
        return make_client(service, endpoint_url=GATEWAY, config=config, **how)

    passwords = [password for machine in machines if (password := machine.one_time_password())]
    assert len(passwords) == 1, f"{len(passwords)} machines made the first user"
    web = WebClient(WEB, FIRST_USER, passwords[0])
    changed = {"old_password": passwords[0], "new_password1": PASSWORD, "new_password2": PASSWORD}
    web.post("/password/", changed)
    load, hosting = Load(client, web), client("sagemaker")
    load.jobs.s3.put_object(Bucket=BUCKET, Key="models/proven.tar.gz", Body=xgboost_model())
    image = algorithms.get("xgboost").image_uri(REGION)
    host(hosting, "proven", f"s3://{BUCKET}/models/proven.tar.gz", image)
    wait_for(
        lambda: hosting.describe_endpoint(EndpointName="proven")["EndpointStatus"] == "InService",
        "the endpoint",
        lambda: "\n".join(machine.tail() for machine in machines),
    )
    return load, Asker("proven", f"{GATEWAY}/endpoints/proven/invocations", ROW, (name, secret), REGION)


def _report(phases: list[Phase], streams: list[tuple[str, list[float], list[tuple[float, str]]]]) -> None:
    print(f"\n{'':24}" + "".join(f"{name:>26}" for name, _, _ in streams))
    print(f"{'':24}" + f"{'done / failed / gap s':>26}" * len(streams))
    for phase, start, end in phases:
        cells = []
        for _, done, failed in streams:
            count, wrong = (sum(start <= at <= end for at in times) for times in (done, [at for at, _ in failed]))
            cells.append(f"{count} / {wrong} / {longest_gap(done, start, end):.2f}".rjust(26))
        print(f"{phase:24}" + "".join(cells))
    for name, _, failed in streams:
        for text, count in Counter(text for _, text in failed).most_common(5):
            print(f"    {name}: {count} x {text}")


if __name__ == "__main__":
    sys.exit(main())
