"""Endpoints: launch, call, delete, stop when idle."""
