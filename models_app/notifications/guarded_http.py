"""A POST to an address that a person chose: never into this machine or its networks, never where a redirect leads.

The name is resolved once, every address of it is checked, and the connection goes to a checked one: a name that
resolves to something else a moment later changes nothing.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from common.messages import _

CONNECT, ALL = 5.0, 10.0  # seconds
MAX_URL = 500
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_INTERNET = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6 so far


class Forbidden(Exception):
    """No request goes to such an address; `why` says which rule it breaks."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


def check_url(url: str, allowed: tuple[str, ...]) -> SplitResult:
    """The parts of `url`. Raises Forbidden for one that can never be asked; its host is not looked up."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")  # as the look-up does: it refuses empty and long parts
    except ValueError:
        raise Forbidden(
            _("This is no address. Write https:// and the host, as in https://chat.example.com/hook.")
        ) from None
    if len(url) > MAX_URL or not url.isascii() or any(c <= " " for c in url):
        raise Forbidden(_("The address has spaces, letters outside of ASCII or more than 500 characters."))
    if parts.scheme not in ("https", "http") or not host:
        raise Forbidden(_("This is no address. Write https:// and the host, as in https://chat.example.com/hook."))
    if parts.username is not None or parts.password is not None:
        raise Forbidden(_("The address must not have a user name or password in it."))
    if parts.scheme == "http" and host not in allowed:
        raise Forbidden(_("The address must begin with https://."))
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: tuple[str, ...] = ()) -> int:
    """The status that the server at `url` answers to a POST of `body`; nothing else of the answer is looked at.

    `allowed` are host names whose addresses may be private, and that may be asked by http. Takes ten seconds at most
    after the name is resolved. Raises Forbidden, and OSError for no answer.
    """
    parts = check_url(url, allowed)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolve(host, port, is_allowed=host in allowed)
    connection = _Pinned(host, port, address, is_tls=parts.scheme == "https")
    limit = Timer(ALL, connection.cut)
    limit.daemon = True
    limit.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except http.client.HTTPException as e:
        raise OSError(f"no answer in HTTP: {e}") from e
    finally:
        limit.cancel()
        connection.close()


def _resolve(host: str, port: int, *, is_allowed: bool) -> tuple:
    """A socket address of `host`. Raises Forbidden when any of its addresses is not public, unless it is allowed."""
    addresses = [info[4] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not is_allowed and not all(is_public(str(address[0])) for address in addresses):
        raise Forbidden(
            _("The host of the webhook is on this machine or in a private network, and no administrator allowed it.")
        )
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an IP address is one of the Internet at large; what wraps an IPv4 address is judged by that one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if address not in _INTERNET:
            return False
    return address.is_global and not address.is_multicast


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its host's name resolves to; TLS is checked against the name."""

    def __init__(self, host: str, port: int, address: tuple, *, is_tls: bool):
        super().__init__(host, port, timeout=CONNECT)
        self.address, self.is_tls = address, is_tls
        self.default_port = 443 if is_tls else 80

    def connect(self) -> None:
        """Connect to the address that was checked."""
        self.sock = socket.create_connection(self.address[:2], CONNECT)
        if self.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()  # on the socket that `cut` knows

    def cut(self) -> None:
        """End it from another thread: a server that answers one byte a second must not hold a worker."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
