"""Writes log lines in the container's format to standard output. Flushes each line."""

from datetime import UTC, datetime


def info(message: str, level: str = "INFO") -> None:
    """Log `[2026-01-31:12:00:00:INFO] message`."""
    print(f"[{datetime.now(UTC):%Y-%m-%d:%H:%M:%S}:{level}] {message}", flush=True)


def warning(message: str) -> None:
    """Log a message at level WARNING."""
    info(message, "WARNING")
