"""Evaluation of models on test rows."""
