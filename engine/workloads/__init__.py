"""Workloads: what each kind of job does when the runner runs it."""
