"""The web process: plain synchronous Django, in threads behind an event loop."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from common.http.wsgi import WsgiServer  # noqa: E402
from models_app import aws  # noqa: E402
from models_app.aws import s3_store  # noqa: E402

aws.serve_people()
s3_store.readers.warm_up()
server = WsgiServer(application, settings.WEB_THREADS, "/healthz/", settings.TRUSTED_PROXIES)
