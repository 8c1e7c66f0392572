"""Every Celery task of the console, imported here because Celery looks for one `tasks` module per app."""

from models_app.account import tasks as account
from models_app.batch import tasks as batch
from models_app.catalog import tasks as catalog
from models_app.costs import tasks as costs
from models_app.create import tasks as create
from models_app.data import tasks as data
from models_app.endpoints import tasks as endpoints
from models_app.notifications import tasks as notifications
from models_app.retention import tasks as retention
from models_app.sync import tasks as sync
from models_app.training import tasks as training
from models_app.tuning import tasks as tuning

__all__ = [
    "account",
    "batch",
    "catalog",
    "costs",
    "create",
    "data",
    "endpoints",
    "notifications",
    "retention",
    "sync",
    "training",
    "tuning",
]
