"""Batch transform: which jobs wait for a worker, and what becomes of lost ones."""
