"""Hyperparameter tuning: which values are tried next, and what becomes of a tuning job as its training jobs end."""
