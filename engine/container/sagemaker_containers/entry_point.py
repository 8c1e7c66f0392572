"""What scripts for several hosts ask of AWS's toolkit before they begin."""


def _wait_hostname_resolution() -> None:
    """Return at once: there is one host, and its name is known."""
