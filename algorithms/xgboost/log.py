"""Log lines as the container writes them: to standard output, flushed, so that they are seen as they happen."""

from datetime import UTC, datetime


def say(message: str, level: str = "INFO") -> None:
    """`[2026-01-31:12:00:00:INFO] message`"""
    print(f"[{datetime.now(UTC):%Y-%m-%d:%H:%M:%S}:{level}] {message}", flush=True)


def warn(message: str) -> None:
    say(message, "WARNING")
