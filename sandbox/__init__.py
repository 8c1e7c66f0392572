"""Runs people's code apart from everything else on this machine, without Docker. Standard library only."""
