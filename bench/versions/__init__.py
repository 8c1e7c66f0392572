"""Compares this checkout with another one, such as an earlier version, in turn in one run."""
