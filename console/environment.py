"""Reads Sagewright's own variables, each named SAGEWRIGHT_..., with their defaults in one place."""

import os
from urllib.parse import urlsplit

from sagewright.state import data_folder


def text(name: str, default: str = "") -> str:
    """The variable SAGEWRIGHT_<name>, or `default` when unset or empty."""
    return os.environ.get(f"SAGEWRIGHT_{name}") or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    return default if not value else value in ("1", "true", "yes", "on")


def number(name: str, default: float) -> float:
    return float(text(name) or default)


def celery_broker(redis_url: str) -> str:
    """Celery's spelling of a Redis URL: kombu names a unix socket differently from redis-py."""
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}?virtual_host=0" if parts.scheme == "unix" else redis_url


def secret(name: str) -> str:
    """A generated secret: SAGEWRIGHT_<NAME>, or the file that the first start wrote into the data folder, or ''."""
    if given := text(name):
        return given
    file = data_folder() / "secrets" / name.lower()
    return file.read_text().strip() if file.exists() else ""
