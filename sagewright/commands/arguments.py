"""argparse with the command's exit code for a wrong command line."""

import argparse
import sys
from typing import NoReturn

USAGE = 64  # BSD's sysexits.h, EX_USAGE; 2, which argparse exits with, is an answer of these commands


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that exits with USAGE."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and `message` to stderr, and exit with USAGE."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")
