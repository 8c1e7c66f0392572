"""Keeps our rows true to what SageMaker says: one sweep for all, a closer look at those that changed."""

from models_app.sync.endpoints import follow_endpoint
from models_app.sync.jobs import follow_job
from models_app.sync.sweep import MOST_PAGES, sweep, unfinished
from models_app.sync.transforms import follow_transform
from models_app.sync.tunings import follow_tuning

__all__ = ["MOST_PAGES", "follow_endpoint", "follow_job", "follow_transform", "follow_tuning", "sweep", "unfinished"]
