"""Sagewright from code and from a shell: the `sagewright` command and the pytest plugin.

Importing this package imports nothing else and leaves sys.path as it is.
"""

__version__ = "0.1.0"
