"""Runs at the start of every Python of an instance: finds our packages."""

import sys

sys.path.append("/opt/sagewright/packages")  # last: what a person installs goes first
