"""Runs what the image holds, as a container does, without Docker: another user, no capability, no namespaces."""
