"""What `manage.py up` may be told on its command line."""

import argparse
from dataclasses import dataclass

from sagewright.application import command_line

NAMES = ("valkey", "store", "engine", "gateway", "worker", "trainer", "beat", "web", "live")
HIGHEST = 65535 - 10_018  # the port furthest from the first that we are given: see addresses.STORE_PORTS


@dataclass(frozen=True)
class Options:
    """The command line, read. `only` is empty when every process is wanted; `ports` is None for the usual ones."""

    ports: int | None = None
    free_ports: bool = False
    only: tuple[str, ...] = ()
    quiet: bool = False
    demo: bool = False


def read(arguments: list[str]) -> Options:
    """Options of `arguments`; argparse explains and exits with 2 when they make no sense."""
    return Options(**vars(parser().parse_args(arguments)))


def parser() -> argparse.ArgumentParser:
    """The options of `up`."""
    parser = argparse.ArgumentParser(
        prog=command_line("up"), description="Start every process of Sagewright; Ctrl-C stops."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--ports", type=_base, metavar="N", help="use ports N to N+3; N+10 and up for the store")
    where.add_argument("--free-ports", action="store_true", help="use any ports that are free")
    parser.add_argument("--only", type=_names, default=(), metavar="A,B", help="start only these: " + ", ".join(NAMES))
    parser.add_argument("--quiet", action="store_true", help="hide what the processes print, unless one dies")
    parser.add_argument("--demo", action="store_true", help="then load sample tables, train and deploy one model")
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
