"""The members of a job that train one model together, by XGBoost's collective."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.contract import AlgorithmFailure, TrainingContext
from algorithms.library_imports import import_xgboost
from algorithms.rendezvous import Rendezvous
from algorithms.stop_signal import StopSignal
from algorithms.xgboost.log import info, warning

xgb = import_xgboost()

LONGEST_WAIT = 10**7  # seconds for another member: whoever runs the job ends it when one is lost


@dataclass(frozen=True)
class Cluster:
    """This member's place among the `size` that train together."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """True if this member logs, and writes the model."""
        return self.rank == 0


def warn_of_missing_data(ctx: TrainingContext, channel: str) -> None:
    """Log, as the container does, that this member has no rows of a channel and will not train."""
    kind = "training" if channel == "train" else channel
    where = "" if channel == "train" else f" in the {channel} channel"
    warning(
        f"Host {ctx.current_host} does not have {kind} data{where}. Will broadcast to cluster and this host "
        f"{ctx.current_host} will not be used in distributed training. Please divide the {kind} data across instances "
        "properly. See https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html"
        "#Instance-XGBoost-distributed-training-divide-data. "
    )


@contextmanager
def join(ctx: TrainingContext, has_rows: bool, stop: StopSignal) -> Iterator[Cluster]:
    """A block in which the members that have rows train together; the others end. Raises AlgorithmFailure.

    A stop then takes effect after the same round everywhere.
    """
    if len(ctx.hosts) == 1:
        info("Single node training.")
        yield Cluster()
        return
    info(f"Distributed node training with {len(ctx.hosts)} hosts: {list(ctx.hosts)}")
    with Rendezvous(ctx.hosts, ctx.current_host) as meeting:
        shares = zip(ctx.hosts, meeting.exchange(has_rows), strict=True)
        hosts = [host for host, has in shares if has]
        tracker = _tracker(hosts[0], len(hosts)) if len(hosts) > 1 and ctx.current_host == hosts[0] else None
        workers = meeting.exchange(tracker.worker_args() if tracker else None)
    if not hosts:
        raise AlgorithmFailure("No hosts received training data.")
    if not has_rows:
        warning(f"Host {ctx.current_host} not being used for distributed training.")
        raise SystemExit(0)
    if len(hosts) == 1:
        yield Cluster()
        return
    task = {"dmlc_task_id": f"{hosts.index(ctx.current_host):04d}", "dmlc_timeout": LONGEST_WAIT}
    stop.training = True  # until the block ends: who stops alone leaves the others waiting
    xgb.collective.init(**next(filter(None, workers)), **task)
    stop.agree = _any
    yield Cluster(xgb.collective.get_rank(), len(hosts))
    stop.agree, stop.training = None, False  # not after an error: the others may be gone, and this process ends
    xgb.collective.finalize()
    if tracker:
        tracker.wait_for()


def _tracker(host: str, members: int) -> Any:
    tracker = xgb.tracker.RabitTracker(n_workers=members, host_ip=socket.gethostbyname(host), sortby="task")
    tracker.start()
    return tracker


def _any(requested: bool) -> bool:
    """Whether any member has been asked to stop; all of them call this."""
    return bool(xgb.collective.allreduce(np.array([requested], np.int32), xgb.collective.Op.MAX)[0])
