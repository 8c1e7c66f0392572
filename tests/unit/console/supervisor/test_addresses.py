"""Ports and the options that choose them."""

import os
import socket
from pathlib import Path

import pytest

from console.supervisor import addresses, options
from console.supervisor.refusal import Refusal
from tests.unit.console.supervisor.child_stories import FREE


def test_every_port_in_use_is_named_with_what_it_is_for(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=rf"port {port} \(web\).*--ports 9000.*--free-ports"):
            addresses.choose(options.Options(ports=port), {"web"})


def test_a_port_whose_socket_another_user_has_in_tmp_is_taken(folder, monkeypatch):
    """SeaweedFS's parts talk over sockets of fixed names: whoever makes one first would be talked to."""
    first = addresses.choose(FREE, {"store"}).store
    planted = Path(f"/tmp/seaweedfs-filer-grpc-{first + 7}.sock")
    planted.touch()
    try:
        again = addresses.choose(options.Options(ports=first - 10), {"store"})
        assert again.store == first  # one left by ourselves
        del again
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        with pytest.raises(Refusal, match=rf"port {first + 7} \(store\)"):
            addresses.choose(options.Options(ports=first - 10), {"store"})
        monkeypatch.setattr(addresses.random, "choice", lambda blocks: first - 10)
        with pytest.raises(Refusal, match="No free ports"):
            addresses.choose(FREE, {"store"})
    finally:
        planted.unlink()


def test_a_port_of_a_process_that_is_not_wanted_may_be_in_use(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert addresses.choose(options.Options(ports=port), {"valkey"}).web == port


def test_one_process_can_be_given_its_own_port(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_WEB_PORT", "18123")
    assert addresses.choose(FREE, set()).web == 18123
    monkeypatch.setenv("SAGEWRIGHT_WEB_PORT", "http")
    with pytest.raises(Refusal, match="SAGEWRIGHT_WEB_PORT"):
        addresses.choose(FREE, set())


def test_two_supervisors_that_start_together_choose_different_ports(monkeypatch):
    first, second = addresses.choose(FREE, set()), addresses.choose(FREE, set())
    bases = iter([first.web, second.web])
    del second
    monkeypatch.setattr(addresses.random, "choice", lambda blocks: next(bases))
    assert addresses.choose(FREE, set()).web != first.web


def test_no_two_stores_have_the_same_ports_though_none_is_bound(monkeypatch):
    """A store with a network of its own binds none of ours, but its sockets in /tmp are named by the ports."""
    first = addresses.choose(FREE, {"store"})
    with pytest.raises(Refusal, match=rf"port {first.store + 9} \(store\)"):
        addresses.choose(options.Options(ports=first.web), {"store"})
    monkeypatch.setenv("SAGEWRIGHT_STORE_PORT", str(first.store))
    with pytest.raises(Refusal, match=rf"port {first.store + 9} \(store\)"):
        addresses.choose(FREE, {"store"})
    store = first.store
    del first
    assert addresses.choose(FREE, {"store"}).store == store


@pytest.mark.parametrize(
    "arguments",
    [["--ports", "80"], ["--ports", "x"], ["--only", "wep"], ["--only", ","], ["--engine", "--only", "web"]],
)
def test_a_bad_option_ends_with_an_explanation(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        options.read(arguments)
    assert end.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_port_that_is_taken_before_we_listen_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=f"port {port}"):
            addresses.listen(port)
