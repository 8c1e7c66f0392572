"""Where a request came from, and whether by TLS, when proxies stand between the client and us."""

import ipaddress
from collections.abc import Collection

Networks = Collection[ipaddress.IPv4Network | ipaddress.IPv6Network]
LOOPBACK = ("127.0.0.1", "::1")


def is_trusted(address: str, proxies: Networks) -> bool:
    """Return whether `address` is that of one of our proxies; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in proxies)


def client_of(peer: str, forwarded: str, proxies: Networks) -> str:
    """The last address that did not come from one of our proxies: what stands before it, anybody can have written.

    `peer` is the other end of the connection, `forwarded` the value of X-Forwarded-For.
    """
    address = ""
    for hop in (peer, *reversed(forwarded.split(","))):
        address = hop.strip()
        if not is_trusted(address, proxies):
            break
    return address


def came_by_tls(peer: str, proto: str, proxies: Networks) -> bool:
    """Return whether a proxy of ours, or one on this machine, says in X-Forwarded-Proto that it was asked by TLS."""
    return proto == "https" and (peer in LOOPBACK or is_trusted(peer, proxies))
