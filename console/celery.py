"""The Celery app. Tasks are short and repeatable; the row is the truth and a task only hurries it."""

import os

from celery import Celery

from console import readiness  # noqa: F401 (for its effect)
from sagewright import environment as env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("sagewright")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A worker that trains need not load the console's tasks: SAGEWRIGHT_TASKS names the apps whose tasks it does need.
app.autodiscover_tasks(env.text("TASKS").split() or None)
