"""Members that meet before they train together."""

import socket
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from algorithms.contract import UserError
from algorithms.jumpstart.channel_data import LabelledRows, TrainingData
from algorithms.lightgbm.cluster import Cluster
from algorithms.rendezvous import Rendezvous

HOSTS = ("127.0.0.1", "localhost")  # two names of this machine


@pytest.fixture
def together():
    """Calls a function with each member's rendezvous and number, at the same time."""
    with socket.create_server((HOSTS[0], 0)) as server:
        port = server.getsockname()[1]

    def call(work):
        def member(number: int):
            with Rendezvous(HOSTS, HOSTS[number], port) as meeting:
                return work(meeting, number)

        with ThreadPoolExecutor(len(HOSTS)) as pool:
            return list(pool.map(member, range(len(HOSTS))))

    return call


def rows(labels: list[float], width: int, categories: list[int]) -> TrainingData:
    part = LabelledRows(np.array(labels, np.float32), np.zeros((len(labels), width), np.float32))
    return TrainingData(part, part, categories, sampled=False)


def test_each_member_hears_what_all_say_in_the_order_of_hosts(together):
    assert together(lambda meeting, n: (meeting.exchange(n), meeting.exchange(f"{n}!"))) == [([0, 1], ["0!", "1!"])] * 2


def test_a_member_that_ends_is_an_error_of_the_others(together):
    def leave_early(meeting: Rendezvous, number: int) -> str:
        if number:
            return ""
        with pytest.raises(OSError, match="another member"):
            meeting.exchange("left alone")
        return "told"

    assert together(leave_early) == ["told", ""]


def test_members_agree_on_classes_and_categories_which_one_alone_may_not_have(together):
    parts = [rows([0, 1], 3, []), rows([2, 2], 3, [1])]

    def agree(meeting: Rendezvous, number: int):
        return Cluster(number, 2, meeting).agree(parts[number]).tolist(), parts[number].categories

    assert together(agree) == [([0, 1, 2], [1])] * 2


def test_members_with_columns_of_their_own_are_refused(together):
    def agree(meeting: Rendezvous, number: int) -> str:
        with pytest.raises(UserError) as refused:
            Cluster(number, 2, meeting).agree(rows([0, 1], 3 + number, []))
        return str(refused.value)

    assert together(agree) == ["The objects of channel train have 3 and 4 columns of features."] * 2
