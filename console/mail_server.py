"""Reads the address of a mail server as SAGEWRIGHT_MAIL_SERVER spells it."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class MailServer(NamedTuple):
    """A mail server; `host` is "" for none."""

    host: str
    port: int
    is_tls: bool
    starts_tls: bool
    user: str
    password: str


def parse_mail_server(url: str) -> MailServer:
    """The server at `url`, such as smtp+tls://user:password@mail.example.com. Raises ValueError."""
    if not url:
        return MailServer("", 25, False, False, "", "")
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(
            "This is no address of a mail server. Write smtp://host, smtp+tls://user:password@host or "
            "smtps://user:password@host; a sign such as @ in a password is written %40."
        )
    return MailServer(
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        parts.scheme == "smtps",
        parts.scheme == "smtp+tls",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
