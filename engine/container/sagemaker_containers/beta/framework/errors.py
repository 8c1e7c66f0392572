"""The exceptions that scripts raise or catch."""

from script_toolkit.encoders import UnsupportedFormat


class ClientError(Exception):
    """The caller is to mend it."""

    status_code = 400


class UnsupportedFormatError(UnsupportedFormat):
    """Nobody reads or writes this content type."""
