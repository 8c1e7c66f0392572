"""Hyperparameter tuning jobs: the list, one with its tries, stopping."""
