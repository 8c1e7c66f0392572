"""`kill -9` of every process of a stack, many times, while it trains, deploys, stores and predicts.

    python -m tests.kill_run [--seed 1] [--kills 100] [--jobs 50] [--every 3.0] [--only gateway,store]

Half of the jobs come from boto3, half from the Create model page; every fourth is deployed; two endpoints, one whose
model the gateway holds and one whose model has a process of its own, are asked all the time. Fails when something is
lost, doubled or not settled SETTLE seconds after the last kill, or when predictions stop for longer than --limit.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import algorithms
from console.supervisor.options import NAMES
from tests.kill.jobs import BUCKET, REGION
from tests.kill_run import outcome
from tests.kill_run.predictions import Asker
from tests.kill_run.work import ROW, Work, packed, xgboost_model
from tests.stack import Stack
from tests.unit.algorithms.tabular import TabularJob, small
from tests.waiting import LIMIT, wait_for

SETTLE = 60.0  # seconds after the last kill


def main() -> int:
    parser = argparse.ArgumentParser(description="A stack under kill -9.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--every", type=float, default=3.0, help="mean seconds between two kills")
    parser.add_argument("--limit", type=float, default=2.0, help="seconds that predictions may stop")
    parser.add_argument("--only", default=",".join(NAMES), help="the processes to kill, separated by commas")
    options = parser.parse_args()
    with Stack() as stack:
        try:
            return _run(stack, options)
        except BaseException:
            print(stack.tail(200))
            raise


def _run(stack: Stack, options: argparse.Namespace) -> int:
    work = Work(stack, options.seed)
    askers = _askers(work)
    for asker in askers:
        asker.start()
    wait_for(lambda: all(len(asker.answered) > 20 for asker in askers), "the first predictions", stack.tail)
    with ThreadPoolExecutor(12) as pool:
        kills = _kill(stack, options, lambda tasks: [pool.submit(*task) for task in tasks], work)
    rest = _settle(work)
    settled = time.monotonic() - kills[-1][0]
    for asker in askers:
        asker.end()
    _report_kills(kills, askers)
    print(f"settled {settled:.0f} s after the last kill; load {os.getloadavg()[0]:.1f}")
    engine, console = outcome.creating(work)
    print(f"longest time in Creating: {engine:.0f} s in the engine, {console:.0f} s in the console")
    wrong = [f"not settled after {settled:.0f} s: {rest}"] if rest or settled > SETTLE else []
    wrong += list(outcome.faults(work))
    for asker in askers:
        longest = max((seconds for _, seconds in asker.gaps()), default=0.0)
        if longest > options.limit:
            wrong.append(f"{asker.endpoint} did not answer for {longest:.1f} s")
    begun = [work.jobs.describe(name)["SecondaryStatusTransitions"] for name in work.names]
    again = sum(step["Status"] == "Restarting" for steps in begun for step in steps)
    print(f"{len(work.names)} jobs of boto3 ({again} times begun again), {len(work.models)} of the page,")
    print(f"{len(work.endpoints)} + {sum(work.models.values())} endpoints, {len(work.objects)} objects")
    print("\n".join(wrong) if wrong else "nothing lost, nothing doubled")
    return 1 if wrong else 0


def _askers(work: Work) -> list[Asker]:
    """Two endpoints, and a client for each."""
    key = work.stack.exports["AWS_ACCESS_KEY_ID"], work.stack.exports["AWS_SECRET_ACCESS_KEY"]
    with tempfile.TemporaryDirectory() as folder:
        job = TabularJob(Path(folder), "catboost").put_table(small())
        job.run(rounds=10)
        isolated = packed({path.name: path.read_bytes() for path in job.model_dir.iterdir()})
    askers = []
    for name, algorithm, model, row in (
        ("proven", "xgboost", xgboost_model(), ROW),
        ("isolated", "catboost", isolated, b"0.1,0.2,0.3,1"),
    ):
        work.upload(f"models/{name}.tar.gz", model)
        work.endpoint(name, f"s3://{BUCKET}/models/{name}.tar.gz", algorithms.get(algorithm).image_uri(REGION))
        askers.append(Asker(name, f"{work.stack.endpoint}/endpoints/{name}/invocations", row, key, REGION))
    for asker in askers:
        wait_for(
            lambda a=asker: work.hosting.describe_endpoint(EndpointName=a.endpoint)["EndpointStatus"] == "InService",
            f"{asker.endpoint} to be in service",
            work.stack.tail,
        )
    return askers


def _kill(stack: Stack, options: argparse.Namespace, submit, work: Work) -> list[tuple[float, str]]:
    """Kill, and ask for work meanwhile; (time, name) of each kill, when all that was asked for is acknowledged."""
    chance = random.Random(options.seed)
    kills: list[tuple[float, str]] = []
    waiting, image = [], algorithms.get("xgboost").image_uri(REGION)
    proven = f"s3://{BUCKET}/models/proven.tar.gz"
    query = 0
    while len(kills) < options.kills:
        time.sleep(chance.uniform(0.2, 1.8) * options.every)
        while query < options.jobs and query <= len(kills) * options.jobs / (0.9 * options.kills):
            tasks = [(work.model, query) if query % 2 else (work.job, query), (work.put, 2 * query)]
            if query % 4 == 0:
                tasks.append((work.endpoint, f"more-{query}", proven, image))
            waiting += submit([*tasks, (work.put, 2 * query + 1)])
            query += 1
        name = chance.choice(options.only.split(","))
        if pid := stack.state().get("pids", {}).get(name):
            os.kill(pid, 9)
            kills.append((time.monotonic(), name))
    for task in waiting:
        task.result()
    return kills


def _settle(work: Work) -> list[str]:
    """Wait until all is settled; what is not after LIMIT seconds."""
    until = time.monotonic() + LIMIT
    while True:
        try:
            rest = outcome.unsettled(work)
        except Exception as e:  # a process is not back yet
            rest = [repr(e)]
        if not rest or time.monotonic() > until:
            return rest
        time.sleep(1)


def _report_kills(kills: list[tuple[float, str]], askers: list[Asker]) -> None:
    counts = Counter(name for _, name in kills)
    print(f"{'killed':10} {'times':>5}  longest time without an answer in which it was killed, in seconds")
    for name, count in sorted(counts.items()):
        longest = []
        for asker in askers:
            times = [at for at, killed in kills if killed == name]
            gaps = [s for start, s in asker.gaps() if any(start - 0.2 <= at <= start + s for at in times)]
            longest.append(f"{asker.endpoint} {max(gaps, default=0.0):.2f}")
        print(f"{name:10} {count:>5}  {', '.join(longest)}")
    for asker in askers:
        longest = max(seconds for _, seconds in asker.gaps())
        texts = Counter(text[:110] for _, text in asker.failed)
        print(f"{asker.endpoint}: {len(asker.answered)} answers, longest time without one {longest:.2f} s")
        for text, count in texts.most_common(6):
            print(f"    {count} x {text}")


if __name__ == "__main__":
    sys.exit(main())
