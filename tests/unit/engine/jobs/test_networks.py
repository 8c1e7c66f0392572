"""The networks of members, without any: which of the members brings the descriptor of the packets."""

import json
import os

from engine.jobs import networks
from engine.jobs.networks import Networks
from sandbox.network import Network


def test_the_packets_of_a_network_are_handed_over_once(tmp_path, monkeypatch):
    """A worker that has them twice closes them once, and the network stays for ever."""
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(2)]
    monkeypatch.setattr(networks.Network, "create", lambda _: Network(opened[0], packets=opened[1]))
    result, folders = Networks(), [tmp_path / "algo-1", tmp_path / "algo-2"]
    handed = []
    for pid, folder in enumerate(folders, 1):
        folder.mkdir()
        (folder / "start.json").write_text(json.dumps({"network": "job", "addresses": ["10.244.0.2"]}))
        result.of(folder)
        result.add(folder, pid)
        handed.append(result.packets_of(folder))
    assert handed == [[opened[1]], []]
    for pid in (1, 2):
        result.remove(pid)
