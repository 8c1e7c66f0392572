"""Names below localhost lead to this machine, as they do in browsers; Python asks the machine's resolver."""

import socket

_of_the_machine = socket.getaddrinfo


def getaddrinfo(host, *arguments, **options):
    """What `socket.getaddrinfo` answers, in whose place it can be."""
    name = host.decode() if isinstance(host, bytes) else host
    return _of_the_machine("127.0.0.1" if name and name.endswith(".localhost") else host, *arguments, **options)
