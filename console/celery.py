"""The Celery app. Tasks are short and repeatable; the row is the truth and a task only hurries it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("sagewright")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
