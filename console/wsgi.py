"""The web process: plain synchronous Django, in threads behind an event loop."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from common.http.wsgi import WsgiServer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_wsgi_application()
server = WsgiServer(application, settings.WEB_THREADS, "/healthz/")
