"""What `manage.py up` may be told on its command line."""

import argparse
from dataclasses import dataclass

from sagewright.application import command_line

NAMES = (
    *("valkey", "store", "engine", "gateway"),
    *("worker", "reader", "sender", "trainer", "notebooks", "events", "beat", "web", "live"),
)
ENGINE = ("valkey", "store", "engine", "gateway", "trainer", "notebooks", "beat")
HIGHEST = 65535 - 10_018  # the port furthest from the first that we are given: see addresses.STORE_PORTS


@dataclass(frozen=True)
class Options:
    """The command line, read. `only` is empty when every process is wanted; `ports` is None for the usual ones.

    `engine` asks for the engine alone, `prepare_only` for a data folder that is ready to start, `stop_at_eof` for a
    stop when standard input ends: a program that holds its other end cannot leave us behind, even if it is killed.
    """

    ports: int | None = None
    free_ports: bool = False
    only: tuple[str, ...] = ()
    engine: bool = False
    quiet: bool = False
    demo: bool = False
    prepare_only: bool = False
    stop_at_eof: bool = False


def read(arguments: list[str]) -> Options:
    """Options of `arguments`; argparse explains and exits with 2 when they make no sense."""
    return Options(**vars(parser().parse_args(arguments)))


def parser() -> argparse.ArgumentParser:
    """The options of `up`."""
    parser = argparse.ArgumentParser(
        prog=command_line("up"), description="Start every process of Sagewright; Ctrl-C stops."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--ports", type=_base, metavar="N", help="use ports N to N+4; N+10 and up for the store")
    where.add_argument("--free-ports", action="store_true", help="use any ports that are free")
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--only", type=_names, default=(), metavar="A,B", help="start only these: " + ", ".join(NAMES))
    parts.add_argument("--engine", action="store_true", help="start the engine alone: no pages, AWS clients only")
    parser.add_argument("--quiet", action="store_true", help="hide what the processes print, unless one dies")
    then = parser.add_mutually_exclusive_group()
    then.add_argument("--demo", action="store_true", help="then load sample tables, train and deploy one model")
    then.add_argument("--prepare-only", action="store_true", help="bring the data folder up to date, start nothing")
    parser.add_argument("--stop-at-eof", action="store_true", help="stop when standard input ends")
    return parser


def _base(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= HIGHEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1024 to {HIGHEST}")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or (unknown := [name for name in names if name not in NAMES]):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) if names else text!r}: choose from {', '.join(NAMES)}")
    return names
