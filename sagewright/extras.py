"""Which of the packages that serve and train are installed."""

from importlib.util import find_spec

MARKERS = {"console": "django", "engine": "aiohttp"}  # an extra, and a package that it brings


def is_installed(extra: str) -> bool:
    """Whether the packages of `extra` ("console", "engine" or "all") are here, by one of them each."""
    markers = MARKERS.values() if extra == "all" else [MARKERS[extra]]
    return all(find_spec(package) for package in markers)


def advice(what: str, extra: str) -> str:
    """The sentence that tells a person how to make `what` work."""
    return (
        f"{what} needs packages that are not installed; install them with:"
        f" pip install 'sagewright[{extra}]' (or pipx install, uv tool install)"
    )
