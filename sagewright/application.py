"""Locates the application's code: the root of a checkout, or the copy that the wheel carries inside this package."""

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLE = _PACKAGE / "app"
IN_CHECKOUT = not _BUNDLE.is_dir()
ROOT = _PACKAGE.parent if IN_CHECKOUT else _BUNDLE


def make_importable() -> None:
    """Put `ROOT` first on sys.path, so that `import tables` means the application's package. Repeatable.

    For processes of our own only: in a person's process the application's names could shadow theirs.
    """
    if sys.path[0] != str(ROOT):
        sys.path.insert(0, str(ROOT))


def command_line(verb: str = "") -> str:
    """What a person types for `verb`: "python3 run demo" in a checkout, "sagewright demo" where it is installed.

    Without a verb, what starts everything: "python3 run" or "sagewright up".
    """
    return f"python3 run {verb}".strip() if IN_CHECKOUT else f"sagewright {verb or 'up'}"
