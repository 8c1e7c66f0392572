"""Panics of Rust libraries, which are no Exception, as errors that any handler catches."""

from collections.abc import Iterator
from contextlib import contextmanager


class LibraryPanic(Exception):
    """A library failed with something that is no Exception. The message has its type and its text."""


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Raise LibraryPanic for what is neither an Exception nor asks the process, the thread or a generator to end."""
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as e:
        raise LibraryPanic(f"{type(e).__name__}: {e}") from e
