"""The members of a job that train one model together, by LightGBM's sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.contract import TrainingContext, UserError
from algorithms.jumpstart.channel_data import TrainingData, check_codes
from algorithms.jumpstart.log import info
from algorithms.library_imports import import_lightgbm
from algorithms.rendezvous import Rendezvous
from algorithms.stop_signal import StopSignal

lgb = import_lightgbm()

PORT = 12400  # of the first member, as LightGBM has it; the others have the next ones
LOCAL = "127.0.0.1"  # where all members are on one interface: LightGBM knows itself in the list by an address of one
MOST_LABELS = 100_000  # distinct ones that members tell each other of; more are no classes


@dataclass(frozen=True)
class Cluster:
    """This member's place among the `size` that train together, and its way to say something to the others."""

    rank: int = 0
    size: int = 1
    meeting: Rendezvous | None = None
    hosts: tuple[str, ...] = ()

    @property
    def is_first(self) -> bool:
        """True if this member logs, and writes the model."""
        return self.rank == 0

    def network(self, learner: str, before: int = 0) -> dict[str, Any]:
        """The parameters of lightgbm.train by which the members find each other; {} for one alone.

        `before` counts the models that they have trained before: a port cannot be had again at once.
        """
        if self.size == 1:
            return {}
        port = PORT + before * self.size
        return {
            "machines": ",".join(f"{_address(host)}:{port + member}" for member, host in enumerate(self.hosts)),
            "num_machines": self.size,
            "local_listen_port": port + self.rank,
            "tree_learner": "data" if learner == "serial" else learner,
            "pre_partition": learner != "feature",
        }

    def agree(self, data: TrainingData) -> np.ndarray:
        """Return the labels that occur, float32, after all members have been told of the same categories.

        Raises UserError where the members' rows do not belong together.
        """
        if self.meeting is None:
            return data.labels
        mine = {
            "width": data.train.features.shape[1],
            "categories": data.categories,
            "labels": np.unique(data.labels)[:MOST_LABELS].tolist(),
        }
        everyone = self.meeting.exchange(mine)
        widths = sorted({one["width"] for one in everyone})
        if len(widths) > 1:
            raise UserError(f"The objects of channel train have {widths[0]} and {widths[-1]} columns of features.")
        data.categories = sorted({column for one in everyone for column in one["categories"]})
        check_codes(data.train, data.categories, "train")
        check_codes(data.held_out, data.categories, "validation")
        return np.unique(np.concatenate([np.asarray(one["labels"], np.float32) for one in everyone]))


@contextmanager
def join(ctx: TrainingContext, stop: StopSignal) -> Iterator[Cluster]:
    """A block in which the job's members train together. A stop then takes effect after the same round everywhere."""
    if len(ctx.hosts) == 1:
        yield Cluster()
        return
    info(f"Distributed training with {len(ctx.hosts)} hosts: {list(ctx.hosts)}")
    with Rendezvous(ctx.hosts, ctx.current_host) as meeting:
        stop.training = True  # until the block ends: who stops alone leaves the others waiting
        stop.agree = lambda requested: any(meeting.exchange(requested))
        yield Cluster(ctx.hosts.index(ctx.current_host), len(ctx.hosts), meeting, tuple(ctx.hosts))
        stop.agree, stop.training = None, False


def _address(host: str) -> str:
    address = socket.gethostbyname(host)
    return LOCAL if address.startswith("127.") else address


class MeanOfMembers:
    """Has every member see the same metrics after a round: each one's own, by the rows that it judges.

    LightGBM computes metrics of a member's own rows. Members that stop early by those would stop at different rounds.
    """

    order, before_iteration = 5, False

    def __init__(self, cluster: Cluster, rows: Mapping[str, int]):
        """`rows` says how many rows of each part this member judges."""
        self._cluster, self._rows = cluster, rows

    def __call__(self, env: Any) -> None:
        """Replace the metrics of the round by their means."""
        if self._cluster.meeting is None:
            return
        results = env.evaluation_result_list
        mine = [[float(one.metric_value), self._rows[one.dataset_name]] for one in results]
        everyone = np.array(self._cluster.meeting.exchange(mine))
        means = np.average(everyone[:, :, 0], axis=0, weights=everyone[:, :, 1])
        results[:] = [
            lgb.EvalResult(one.dataset_name, one.metric_name, float(mean), one.maximize)
            for one, mean in zip(results, means, strict=True)
        ]
