"""Processes killed in the middle of their work: what they were doing ends right, once."""
