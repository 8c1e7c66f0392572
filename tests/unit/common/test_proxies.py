"""Whom we believe what stands in front of the request."""

from ipaddress import ip_network

import pytest

from common.http.proxies import came_by_tls, client_of

PROXIES = (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "1.2.3.4", "192.0.2.1"),  # not a proxy: whatever it says
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),  # the first was there before the proxy
        ("10.0.0.1", "9.9.9.9, 1.2.3.4,10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "unknown", "unknown"),
        ("", "1.2.3.4", ""),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(peer, forwarded, client):
    assert client_of(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    ("peer", "proto", "tls"),
    [
        ("10.0.0.1", "https", True),
        ("127.0.0.1", "https", True),
        ("192.0.2.1", "https", False),
        ("10.0.0.1", "http", False),
        ("10.0.0.1", "https,https", False),
        ("", "https", False),
    ],
)
def test_only_a_proxy_of_ours_says_that_it_was_asked_by_tls(peer, proto, tls):
    assert came_by_tls(peer, proto, PROXIES) is tls
