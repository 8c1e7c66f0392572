"""The web process: plain synchronous Django, in threads behind an event loop."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from common.http.wsgi import WsgiServer
from models_app import aws
from models_app.aws import s3_store

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_wsgi_application()
aws.serve_people()
s3_store.readers.warm_up()
server = WsgiServer(application, settings.WEB_THREADS, "/healthz/")
