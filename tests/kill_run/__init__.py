"""Kills the processes of a stack one after the other while it works, and looks for what is lost or doubled."""
