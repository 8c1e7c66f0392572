"""The address at which other machines reach this one's trainers."""

import socket

import pytest

from engine.training import machines
from sandbox.spec import Level


@pytest.mark.parametrize(
    ("setting", "host_name", "address"),
    [
        ("", "172.18.0.5", ""),
        ("10.0.0.2", "172.18.0.5", "10.0.0.2"),
        ("auto", "172.18.0.5", "172.18.0.5"),
        ("auto", "127.0.1.1", ""),
        ("auto", None, ""),
    ],
)
def test_own_address(settings, monkeypatch, setting, host_name, address):
    def resolve(name: str) -> str:
        if host_name is None:
            raise socket.gaierror(-2, "Name or service not known")
        return host_name

    settings.MACHINE_ADDRESS = setting
    monkeypatch.setattr(machines, "available", lambda: Level.WALLED)
    monkeypatch.setattr(machines, "_why_no_address", lambda address: "")
    monkeypatch.setattr(machines, "why_not_distant", lambda: "")
    monkeypatch.setattr(machines.socket, "gethostbyname", resolve)
    assert machines.own_address.__wrapped__() == address
