"""The verbs: each asks AWS for something, is safe to repeat, and raises Problem with words for a person."""

from models_app import storage
from models_app.actions import endpoints, idle, jobs, models, scans, uploads

__all__ = ["endpoints", "idle", "jobs", "models", "scans", "storage", "uploads"]
