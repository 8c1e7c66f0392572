"""Rows by name at an endpoint get the answers that the artifact gives to the same rows as they were prepared."""
