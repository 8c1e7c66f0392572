"""What a person sees: every process's lines, each after the name of who said it."""

import errno
import os
import re
import sys
from collections import deque

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95)
WIDTH = 8
LONGEST = 64 * 1024  # a line that never ends is cut, not kept


class Output:
    """Prints for all processes; colours on a terminal only. With `quiet` it shows our own lines and nobody else's."""

    def __init__(self, names: tuple[str, ...], quiet: bool = False):
        self.quiet = quiet
        self.coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.colours = dict(zip(names, COLOURS, strict=False))

    def say(self, text: str = "") -> None:
        """A line of the supervisor's own."""
        self._print(f"\033[1m{text}\033[0m" if self.coloured and text else text)

    def line(self, name: str, text: str) -> None:
        """A line that process `name` printed."""
        if not self.quiet:
            self.show(name, text)

    def show(self, name: str, text: str) -> None:
        """A line of `name`, quiet or not."""
        prefix = f"{name:<{WIDTH}}|"
        if self.coloured:
            prefix = f"\033[{self.colours.get(name, 37)}m{prefix}\033[0m"
        self._print(f"{prefix} {text}")

    def _print(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError as e:
            if e.errno in (errno.ENOSPC, errno.EDQUOT):  # the log is on a full disk: this line is lost, others come
                return
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (for the rest of this process's life)
        except ValueError:  # the reader went away (`| head`); the processes go on
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (for the rest of this process's life)


class Lines:
    """Cuts what one process writes into lines, shows them, and keeps the last ones for when it dies.

    `loud` is the expression of the lines that are shown. `refuses` becomes true at a line that has `refusal` in it, an
    expression, "" for none.
    """

    def __init__(self, name: str, output: Output, loud: str = "", refusal: str = ""):
        self.name, self.output, self.loud, self.refusal = name, output, re.compile(loud), re.compile(refusal)
        self.refuses = False
        self.last: deque[str] = deque(maxlen=25)
        self.rest = b""

    def feed(self, data: bytes) -> None:
        """Print each whole line of `data`; keep what follows the last line end."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > LONGEST:
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            self.last.append(text)
            if self.refusal.pattern and self.refusal.search(text):
                self.refuses = True
            if self.loud.match(text):
                self.output.line(self.name, text)

    def end(self) -> None:
        """Print what is left without a line end."""
        if self.rest:
            self.feed(b"\n")
